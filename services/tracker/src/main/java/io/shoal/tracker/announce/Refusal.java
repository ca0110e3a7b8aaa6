package io.shoal.tracker.announce;

/**
 * Why an asker gets no peers.
 *
 * @param reason for a person to read
 * @param forEver whether the same request will never be granted, so that the asker need not try again (BEP 31)
 */
public record Refusal(String reason, boolean forEver) {
    /** It may be registered the moment after its seed has asked, so the seed is not sent away. */
    static final Refusal UNREGISTERED = new Refusal("unregistered torrent", false);

    static final Refusal PORT = new Refusal("invalid port", true);
    static final Refusal PRIVATE_ADDRESS = new Refusal("private address", true);
    static final Refusal NO_PEER_ADDRESS = new Refusal("invalid ip", true);
}
