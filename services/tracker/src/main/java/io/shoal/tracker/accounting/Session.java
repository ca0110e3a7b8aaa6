package io.shoal.tracker.accounting;

import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.UUID;

/**
 * One run of a member's client with one torrent.
 *
 * @param tenant whose torrent
 * @param user whose passkey
 * @param torrent which
 * @param peer the client
 * @param start when it began, milliseconds of the tracker's clock
 */
public record Session(UUID tenant, UUID user, SwarmKey torrent, PeerKey peer, long start) {}
