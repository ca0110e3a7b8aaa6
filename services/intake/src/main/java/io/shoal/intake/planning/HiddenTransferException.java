package io.shoal.intake.planning;

/**
 * The library has the submitted torrent in a transfer without the label of the app key that submits it. The transfer stays as it is:
 * if it were given the label, a key that knows an info-hash could read and remove what others have added.
 */
public final class HiddenTransferException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
