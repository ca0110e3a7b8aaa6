package io.shoal.tracker.members;

import io.shoal.tracker.accounting.Counting;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.PeerState;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A member's peer as one replica tells the others: all that it is now, the counting of its session included, so that only the
 * latest matters, and the replica that it announces to next continues exactly there.
 *
 * @param tenant whose swarm
 * @param user whose peer
 * @param torrent which
 * @param peer its peer id
 * @param state what it is
 * @param leeched whether it was a leech
 * @param completed whether its completion is in {@code downloaded}
 * @param downloaded of the swarm, as the replica knows it
 * @param v4 where it is under IPv4
 * @param v6 where it is under IPv6
 * @param stand of its counting; its last report is when the replica heard of it
 * @param replica that heard of it, 0 to 255
 */
public record MemberChange(
        UUID tenant,
        UUID user,
        SwarmKey torrent,
        PeerKey peer,
        PeerState state,
        boolean leeched,
        boolean completed,
        int downloaded,
        @Nullable Location v4,
        @Nullable Location v6,
        Counting.Stand stand,
        int replica) {
    /** When the replica heard of it, milliseconds of its clock. */
    public long at() {
        return stand.last().at();
    }
}
