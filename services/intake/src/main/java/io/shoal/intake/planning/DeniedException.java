package io.shoal.intake.planning;

/** The operator denies the torrent; nothing has changed. */
public final class DeniedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DeniedException() {
        super("the torrent is denied");
    }
}
