package io.shoal.swarm.segments;

import static io.shoal.swarm.segments.RandomTorrent.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.SegmentIndex;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpillTest {
    private static final RandomTorrent CONTENT = RandomTorrent.of(64 << 10, 17 * MIB + 300, MIB + 5, 2 * MIB + 7);

    @Test
    void spillsAreReadAsWritten() throws Exception {
        Random random = new Random(7);
        for (int segment = 0; segment < 3; segment++) {
            var range = CONTENT.geometry.piecesOf(new SegmentIndex(segment));
            for (int round = 0; round < 20; round++) {
                BitSet pieces = new BitSet();
                pieces.set(range.from() + random.nextInt(range.count()));
                for (int piece = range.from(); piece < range.to(); piece++) {
                    pieces.set(piece, pieces.get(piece) || random.nextBoolean());
                }
                Spill spill = new Spill(segment, pieces);
                byte[] header = spill.header(CONTENT.geometry);
                assertThat(Spill.decode(CONTENT.geometry, segment, header, spill.bytes(CONTENT.geometry)))
                        .isEqualTo(spill);
                int last = pieces.length() - 1;
                assertThat(spill.offset(CONTENT.geometry, last)
                                + PieceSpan.of(CONTENT.geometry, last, segment).length())
                        .isEqualTo(spill.bytes(CONTENT.geometry));
            }
        }
    }

    @Test
    void anObjectOfAnotherLengthIsNoSpill() {
        BitSet pieces = new BitSet();
        pieces.set(3);
        Spill spill = new Spill(0, pieces);
        byte[] header = spill.header(CONTENT.geometry);
        assertThatThrownBy(() -> Spill.decode(CONTENT.geometry, 0, header, spill.bytes(CONTENT.geometry) - 1))
                .isInstanceOf(Spill.BadSpillException.class);
    }

    @Test
    void aBitmapThatIsEmptyOrNamesPiecesOfOthersIsNoSpill() {
        int length = Spill.headerBytes(CONTENT.geometry, 1);
        byte[] empty = new byte[length];
        byte[] beyond = new byte[length];
        beyond[length - 1] = (byte) 0x80;
        assertThatThrownBy(() -> Spill.decode(CONTENT.geometry, 1, empty, length))
                .isInstanceOf(Spill.BadSpillException.class);
        assertThatThrownBy(() -> Spill.decode(CONTENT.geometry, 1, beyond, length + (64 << 10)))
                .isInstanceOf(Spill.BadSpillException.class);
        assertThatThrownBy(() -> Spill.decode(CONTENT.geometry, 1, new byte[0], 0))
                .isInstanceOf(Spill.BadSpillException.class);
    }
}
