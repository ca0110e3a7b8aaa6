package io.shoal.storage.streams;

/** All places that a new stream could take are in use. */
public final class NoPlaceException extends Exception {
    private static final long serialVersionUID = 1L;

    NoPlaceException(String message) {
        super(message);
    }
}
