package io.shoal.intake.swarms;

/** No more looks are possible at present. */
public final class TooManyLooksException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whose bound is reached. */
    public enum Bound {
        /** The tenant looks at as many transfers as it may. */
        TRANSFERS,
        /** The tenant has as many looks as it may, at whatever transfers. */
        LOOKS,
        /** This replica has as many looks as it takes. */
        REPLICA
    }

    private final Bound bound;

    TooManyLooksException(Bound bound) {
        super("too many looks: " + bound);
        this.bound = bound;
    }

    public Bound bound() {
        return bound;
    }
}
