package io.shoal.intake.transfers;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.util.BitSet;

/**
 * The charge of a transfer: the length of each file that it has ever wanted in this generation. Deselecting a file frees nothing,
 * because downloaded segments stay stored; so the charge only grows until the generation or the transfer ends.
 */
@Embeddable
class Charge {
    @Column(name = "charged")
    private byte[] files = new byte[0];

    @Column(name = "charged_bytes")
    private long bytes;

    /** Those of {@code wanted} that are not charged yet. */
    BitSet missing(BitSet wanted) {
        BitSet missing = (BitSet) wanted.clone();
        missing.andNot(BitSet.valueOf(files));
        return missing;
    }

    /** Adds files that were not charged; {@code length} is theirs together. */
    void add(BitSet more, long length) {
        BitSet all = BitSet.valueOf(files);
        all.or(more);
        files = all.toByteArray();
        bytes += length;
    }

    void clear() {
        files = new byte[0];
        bytes = 0;
    }

    boolean contains(int file) {
        return BitSet.valueOf(files).get(file);
    }

    long bytes() {
        return bytes;
    }
}
