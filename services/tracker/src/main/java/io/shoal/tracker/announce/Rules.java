package io.shoal.tracker.announce;

import io.shoal.tracker.networks.Networks;
import io.shoal.tracker.swarms.Reply;

/**
 * Settings of the operator.
 *
 * @param interval seconds after which a peer is asked to announce again, at least 1
 * @param minInterval seconds before which it may not, at most {@code interval}
 * @param trusted networks that may state other addresses by `ip=`, and have no limit: the fleet's own
 * @param proxies networks of HTTP proxies, whose X-Forwarded-For is believed. What a client of theirs states by `ip=` is not, even
 *     where a proxy does not name the client
 * @param privateSources whether peers at addresses that only their neighbours reach are taken in
 */
public record Rules(int interval, int minInterval, Networks trusted, Networks proxies, boolean privateSources) {
    /** Peers for an asker who does not say how many. */
    public static final int WANTED = 50;

    /** The most peers in any reply. */
    public static final int WANTED_MOST = Reply.PEERS;

    public Rules {
        if (interval < 1 || minInterval < 1 || minInterval > interval) {
            throw new IllegalArgumentException(
                    "1 s <= min-interval (%d s) <= interval (%d s)".formatted(minInterval, interval));
        }
    }
}
