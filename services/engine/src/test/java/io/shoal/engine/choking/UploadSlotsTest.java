package io.shoal.engine.choking;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UploadSlotsTest {
    private final UploadSlots slots = new UploadSlots(100);

    private List<UploadSlots.Share> shares(int count, int wanted) {
        List<UploadSlots.Share> shares = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            UploadSlots.Share share = slots.share();
            share.request(wanted);
            shares.add(share);
        }
        return shares;
    }

    private static int granted(List<UploadSlots.Share> shares) {
        return shares.stream().mapToInt(share -> share.request(share.wanted())).sum();
    }

    @Test
    void whatIsThereIsGranted() {
        assertThat(slots.share().request(40)).isEqualTo(40);
        assertThat(slots.share().request(40)).isEqualTo(40);
        assertThat(slots.share().request(15)).isEqualTo(15);
    }

    @Test
    void torrentsThatWantMoreShareEquallyWhatTheOthersLeave() {
        List<UploadSlots.Share> small = shares(5, 4);
        List<UploadSlots.Share> large = shares(4, 40);
        assertThat(small).allMatch(share -> share.request(4) == 4);
        assertThat(large).allMatch(share -> share.request(40) == 20);
        assertThat(granted(small) + granted(large)).isEqualTo(100);
    }

    @Test
    void theBoundHoldsForManyAndEachKeepsItsFloor() {
        List<UploadSlots.Share> many = shares(30, 40);
        assertThat(granted(many)).isBetween(71, 100);
        List<UploadSlots.Share> more = shares(70, 40);
        assertThat(many).allMatch(share -> share.request(40) == UploadSlots.FLOOR);
        assertThat(more).allMatch(share -> share.request(40) == UploadSlots.FLOOR);
        assertThat(slots.share().request(1)).isEqualTo(1);
    }

    @Test
    void slotsThatAreNoLongerWantedGoToOthers() {
        List<UploadSlots.Share> shares = shares(10, 40);
        assertThat(granted(shares)).isEqualTo(100);
        shares.subList(0, 8).forEach(share -> share.request(0));
        assertThat(shares.get(8).request(40)).isEqualTo(40);
        assertThat(shares.get(9).request(100)).isEqualTo(40);
    }
}
