package io.shoal.objectstore;

/** The object or upload does not exist; a retry does not help. */
public final class NoSuchObjectException extends Exception {
    private static final long serialVersionUID = 1L;

    public NoSuchObjectException(String key) {
        super("no object " + key);
    }
}
