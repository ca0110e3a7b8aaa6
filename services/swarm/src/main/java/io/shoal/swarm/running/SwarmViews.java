package io.shoal.swarm.running;

import io.netty.util.NetUtil;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.records.SwarmReport.PeerFlag;
import io.shoal.contracts.records.SwarmReport.PeerSource;
import io.shoal.engine.SwarmSnapshot;
import io.shoal.engine.SwarmSnapshot.PeerDetails;
import io.shoal.swarm.ownership.SwarmView;
import io.shoal.swarm.segments.PieceMap;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins what the engine and the store of a torrent know of its swarm. Announce URLs stay behind: they may be secrets.
 *
 * <p>Invariant: no peer can spoil the view of the others: one whose figures a report does not allow is left out of the list, and is
 * still counted.
 */
final class SwarmViews {
    private static final Logger LOG = LoggerFactory.getLogger(SwarmViews.class);

    private SwarmViews() {}

    static SwarmView of(SwarmSnapshot swarm, PieceMap pieces) {
        return new SwarmView(
                swarm.connected(),
                swarm.peers().stream().flatMap(SwarmViews::allowed).toList(),
                new SwarmReport.Pieces(
                        pieces.count(), pieces.stored(), pieces.spilled(), pieces.open(), swarm.availability()));
    }

    private static Stream<SwarmReport.Peer> allowed(PeerDetails peer) {
        try {
            return Stream.of(peer(peer));
        } catch (IllegalArgumentException e) {
            LOG.debug("{} is left out of a view", peer, e);
            return Stream.empty();
        }
    }

    private static SwarmReport.Peer peer(PeerDetails peer) {
        return new SwarmReport.Peer(
                NetUtil.toAddressString(peer.address().getAddress()),
                peer.address().getPort(),
                peer.client(),
                flags(peer),
                source(peer),
                peer.done(),
                peer.downRate(),
                peer.upRate(),
                peer.downloaded(),
                peer.uploaded(),
                peer.trackers().stream().map(Tracker::id).toList());
    }

    private static PeerSource source(PeerDetails peer) {
        if (peer.isIncoming()) {
            return PeerSource.INCOMING;
        }
        if (!peer.trackers().isEmpty()) {
            return PeerSource.TRACKER;
        }
        return peer.isOnlyExchanged() ? PeerSource.PEX : PeerSource.OTHER;
    }

    private static Set<PeerFlag> flags(PeerDetails peer) {
        Set<PeerFlag> flags = EnumSet.noneOf(PeerFlag.class);
        set(flags, PeerFlag.INCOMING, peer.isIncoming());
        set(flags, PeerFlag.INTERESTING, peer.isInteresting());
        set(flags, PeerFlag.INTERESTED, peer.isInterested());
        set(flags, PeerFlag.CHOKED, peer.isChoked());
        set(flags, PeerFlag.CHOKING, peer.isChoking());
        set(flags, PeerFlag.OPTIMISTIC, peer.isOptimistic());
        set(flags, PeerFlag.SNUBBED, peer.isSnubbed());
        set(flags, PeerFlag.UPLOAD_ONLY, peer.isUploadOnly());
        set(flags, PeerFlag.ENCRYPTED, peer.isEncrypted());
        return flags;
    }

    private static void set(Set<PeerFlag> flags, PeerFlag flag, boolean isSet) {
        if (isSet) {
            flags.add(flag);
        }
    }
}
