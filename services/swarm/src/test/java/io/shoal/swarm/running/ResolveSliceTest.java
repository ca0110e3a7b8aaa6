package io.shoal.swarm.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.contracts.Generation;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.Wanted;
import io.shoal.engine.ResolveSpec;
import io.shoal.engine.TorrentSpec.Resumed;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ResolveSliceTest {
    private static final String HASH = "ab".repeat(20);

    @Test
    void aSearchIsOnBehalfOfTheOwnerInItsRecord() throws Exception {
        String owner = UUID.randomUUID().toString();
        List<List<String>> trackers = List.of(List.of("udp://tracker.example:6969"));
        SliceRecord wanted = wanted(owner, trackers, false);

        ResolveSpec spec = ResolveSlice.spec(wanted, PeerId.of(new byte[20]), Resumed.FRESH);

        assertThat(spec.owner()).isEqualTo(owner);
        assertThat(spec.infoHash()).isEqualTo(InfoHash.ofHex(HASH));
        assertThat(spec.trackers()).isEqualTo(trackers);
        assertThat(spec.peers()).hasSize(1);
        assertThat(spec.isPrivate()).isFalse();
    }

    @Test
    void aMagnetIsAsPrivateAsItsTenantSaid() throws Exception {
        SliceRecord wanted = wanted("", List.of(), true);
        assertThat(ResolveSlice.spec(wanted, PeerId.of(new byte[20]), Resumed.FRESH)
                        .isPrivate())
                .isTrue();
    }

    private static SliceRecord wanted(String owner, List<List<String>> trackers, boolean isPrivate) {
        return new SliceRecord(
                1,
                new Generation(1),
                1,
                SliceRecord.Kind.RESOLVE,
                null,
                "magnet:?xt=urn:btih:" + HASH + "&x.pe=192.0.2.1:6881",
                HASH,
                isPrivate,
                0,
                -1,
                Wanted.ALL,
                SliceRecord.Mode.RUN,
                trackers,
                List.of(),
                0,
                List.of(),
                owner,
                null,
                null);
    }
}
