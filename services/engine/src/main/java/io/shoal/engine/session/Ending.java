package io.shoal.engine.session;

/** What became of a connection, which decides when its address is dialled again. */
enum Ending {
    /** Payload flowed, or it lasted long. */
    USED(0),
    /** It was of no use. */
    USELESS(1),
    /** The peer broke the protocol, or is this torrent itself. */
    FAULT(3),
    /** This side closed it through no fault of the peer. */
    INTERRUPTED(0),
    /** Neither side wants anything, or the torrent has stopped: the address is not dialled again. */
    FINAL(0);

    private final int failures;

    Ending(int failures) {
        this.failures = failures;
    }

    /** Returns as how many failed dials it counts. */
    int failures() {
        return failures;
    }
}
