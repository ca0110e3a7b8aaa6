package io.shoal.intake.transfers;

/** A transfer would have more labels than it may, with the label of the app key that is used. */
public final class TooManyLabelsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyLabelsException() {
        super("more than " + Labels.MOST + " labels");
    }
}
