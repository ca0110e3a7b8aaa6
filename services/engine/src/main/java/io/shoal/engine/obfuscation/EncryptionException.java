package io.shoal.engine.obfuscation;

/** The other side of an encrypted handshake does not keep to the protocol, or has another. */
final class EncryptionException extends Exception {
    private static final long serialVersionUID = 1L;

    EncryptionException(String message) {
        super(message);
    }
}
