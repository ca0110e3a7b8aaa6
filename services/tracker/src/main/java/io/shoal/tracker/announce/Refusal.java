package io.shoal.tracker.announce;

/**
 * Why an asker gets no peers.
 *
 * @param reason for a person to read
 * @param retryMinutes when it may be different (BEP 31); {@link #NEVER} when the asker has to change something first
 */
public record Refusal(String reason, int retryMinutes) {
    /** The same request will be refused for ever. */
    public static final int NEVER = -1;

    static final Refusal UNREGISTERED = new Refusal("unregistered torrent", 5);
    static final Refusal PORT = new Refusal("invalid port", NEVER);
    static final Refusal PRIVATE_ADDRESS = new Refusal("private address", NEVER);
    static final Refusal NO_PEER_ADDRESS = new Refusal("invalid ip", NEVER);
}
