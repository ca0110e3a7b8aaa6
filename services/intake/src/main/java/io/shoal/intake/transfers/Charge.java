package io.shoal.intake.transfers;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.util.BitSet;

/**
 * The charge of a transfer: the length of each file that it has ever wanted in this generation. Deselecting a file frees nothing,
 * because downloaded segments stay stored; so the charge only grows until the generation or the transfer ends.
 */
@Embeddable
public class Charge {
    @Column(name = "charged")
    private byte[] files = new byte[0];

    @Column(name = "charged_bytes")
    private long bytes;

    /** Returns those of {@code wanted} that are not charged yet. */
    public BitSet missing(BitSet wanted) {
        BitSet missing = (BitSet) wanted.clone();
        missing.andNot(BitSet.valueOf(files));
        return missing;
    }

    /** Adds files that were not charged; {@code length} is theirs together. */
    public void add(BitSet more, long length) {
        BitSet all = BitSet.valueOf(files);
        all.or(more);
        files = all.toByteArray();
        bytes += length;
    }

    void clear() {
        files = new byte[0];
        bytes = 0;
    }

    /** Returns whether the file was ever wanted in this generation, and so may be read. */
    public boolean contains(int file) {
        return BitSet.valueOf(files).get(file);
    }

    /** Returns the bytes that the transfer uses of its tenant's quota. */
    public long bytes() {
        return bytes;
    }
}
