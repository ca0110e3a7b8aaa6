package io.shoal.swarm.running;

import io.netty.util.NetUtil;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.records.SwarmReport.Flag;
import io.shoal.contracts.records.SwarmReport.Source;
import io.shoal.engine.SwarmSnapshot;
import io.shoal.engine.SwarmSnapshot.PeerDetails;
import io.shoal.swarm.ownership.SwarmView;
import io.shoal.swarm.segments.PieceMap;
import java.util.EnumSet;
import java.util.Set;

/** Joins what the engine and the store of a torrent know of its swarm. Announce URLs stay behind: they may be secrets. */
final class SwarmViews {
    private SwarmViews() {}

    static SwarmView of(SwarmSnapshot swarm, PieceMap pieces) {
        return new SwarmView(
                swarm.connected(),
                swarm.peers().stream().map(SwarmViews::peer).toList(),
                new SwarmReport.Pieces(
                        pieces.count(), pieces.stored(), pieces.spilled(), pieces.open(), swarm.availability()));
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

    private static Source source(PeerDetails peer) {
        if (peer.isIncoming()) {
            return Source.INCOMING;
        }
        return peer.trackers().isEmpty() ? Source.OTHER : Source.TRACKER;
    }

    private static Set<Flag> flags(PeerDetails peer) {
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        set(flags, Flag.INCOMING, peer.isIncoming());
        set(flags, Flag.INTERESTING, peer.isInteresting());
        set(flags, Flag.INTERESTED, peer.isInterested());
        set(flags, Flag.CHOKED, peer.isChoked());
        set(flags, Flag.CHOKING, peer.isChoking());
        set(flags, Flag.OPTIMISTIC, peer.isOptimistic());
        set(flags, Flag.SNUBBED, peer.isSnubbed());
        set(flags, Flag.UPLOAD_ONLY, peer.isUploadOnly());
        return flags;
    }

    private static void set(Set<Flag> flags, Flag flag, boolean isSet) {
        if (isSet) {
            flags.add(flag);
        }
    }
}
