package io.shoal.engine.exchange;

import java.time.Duration;

/** Every bound on peer exchange, named once, with its reason. */
public final class ExchangeLimits {
    /** The shortest time between two messages to one peer: clients may close a peer that sends more (BEP 11). */
    static final Duration INTERVAL = Duration.ofSeconds(60);

    /** Up to so much is added to each interval, so that the messages of many torrents spread. */
    static final Duration JITTER = Duration.ofSeconds(15);

    /** Contacts of either kind in one message, both address families together (BEP 11). */
    public static final int CONTACTS_SENT = 50;

    /**
     * Peers that have left and that are still told to those that knew them: all peers of a torrent at once. A peer that
     * is further behind is not told of the oldest, which costs it one dial each.
     */
    static final int DEPARTURES = 500;

    /** Contacts that are kept of one message: what the specification allows a message to have. */
    public static final int CONTACTS_KEPT = 50;

    /**
     * Candidates that one sender may have named and that wait to be dialled: a tenth of all that come by peer exchange.
     */
    public static final int CONTACTS_PER_SENDER = 100;

    /** Senders whose candidates are counted; above that those without waiting candidates are forgotten. */
    static final int SENDERS = 1_000;

    /**
     * Messages of one peer within {@link #INTERVAL} before it counts as a flood. A peer whose connection was not read
     * for some minutes delivers several at once.
     */
    static final int MESSAGES = 6;

    private ExchangeLimits() {}
}
