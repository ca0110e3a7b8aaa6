package io.shoal.engine;

/**
 * Which connections with peers are encrypted (Message Stream Encryption). It hides from networks that slow BitTorrent down
 * what a connection is; it proves nothing about the peer and keeps nothing secret from an attacker on the way.
 *
 * <p>A connection is encrypted in its handshake only, or with RC4 for its whole life, which costs 2.5 CPU seconds a GiB.
 */
public enum EncryptionPolicy {
    /** No connection is encrypted. Peers that require encryption are not reached. */
    OFF,

    /**
     * Peers are dialled in plaintext first, and encrypted if that fails. Incoming peers choose; one that offers both is
     * encrypted in its handshake only.
     */
    ALLOWED,

    /** Peers are dialled encrypted first, and in plaintext if that fails. RC4 is used with all that can. */
    PREFERRED,

    /** Only RC4 is used. Peers that cannot are neither dialled a second time nor accepted. */
    REQUIRED;

    /** Whether incoming peers may encrypt. */
    public boolean acceptsEncrypted() {
        return this != OFF;
    }

    /** Whether incoming peers may do without. */
    public boolean acceptsPlaintext() {
        return this != REQUIRED;
    }

    /** Whether an address of which nothing is known is dialled encrypted. */
    public boolean encryptsFirst() {
        return this == PREFERRED || this == REQUIRED;
    }

    /** Whether an address is dialled in the other way after a handshake has failed. */
    public boolean hasAlternative() {
        return this == ALLOWED || this == PREFERRED;
    }

    /** Whether a connection may be encrypted in its handshake only. */
    public boolean allowsPlaintextPayload() {
        return this != REQUIRED;
    }

    /** Whether RC4 is chosen where the peer leaves the choice. */
    public boolean choosesRc4() {
        return this == PREFERRED || this == REQUIRED;
    }
}
