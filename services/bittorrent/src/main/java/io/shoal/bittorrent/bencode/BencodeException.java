package io.shoal.bittorrent.bencode;

/** Bytes that are not bencode within the limits. The message names the rule, {@link #offset()} the place. */
public final class BencodeException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int offset;

    public BencodeException(String rule, int offset) {
        super(rule + " at byte " + offset);
        this.offset = offset;
    }

    /** Where in the input the rule was broken, in bytes from 0. */
    public int offset() {
        return offset;
    }
}
