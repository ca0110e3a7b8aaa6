package io.shoal.intake.api;

import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.records.SwarmReport.PeerFlag;
import io.shoal.contracts.records.SwarmReport.PeerSource;
import io.shoal.intake.swarms.SwarmLooks.Seen;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.Transfer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The swarm of a transfer as its tenant sees it. Peers that are workers of this platform never come this far. In a pool, where the
 * torrent has the trackers of several tenants, only peers are listed that one of the tenant's own trackers has named.
 */
@Schema(
        name = "TransferSwarm",
        description =
                "The peers and pieces of a transfer's torrent at one moment. Everything that a peer says of itself is untrusted")
record TransferSwarmView(
        @Schema(
                nullable = true,
                description =
                        "Why there is nothing to see: not-running, metadata-pending, or no-report while its worker has"
                                + " not answered; null otherwise",
                examples = "not-running")
        @Nullable
        String reason,

        @Schema(nullable = true, description = "When the worker reported this; null if it has not") @Nullable
        Instant reportedAt,

        @Schema(description = "Whether a report is overdue: the worker reports each second")
        boolean stale,

        @Schema(description = "All connected peers of the torrent, listed or not")
        int connected,

        @Schema(
                maxItems = SwarmReport.PEERS_MAX,
                description =
                        "Those with the highest rates. In a pool only those that a tracker of the tenant has named")
        List<PeerView> peers,

        @Nullable PiecesView pieces) {
    private static final Duration STALE = Duration.ofSeconds(5);
    private static final double THOUSAND = 1_000;

    private static final String NO_REPORT = "no-report";

    @Schema(name = "SwarmPeer")
    record PeerView(
            @Schema(description = "An IPv4 address, or an IPv6 address in its canonical form", examples = "2001:db8::1")
            String address,

            int port,

            @Schema(description = "The program that it says it is; empty if unknown", examples = "qBittorrent/5.1.2")
            String client,

            @Schema(
                    description =
                            "INCOMING: it has connected to us. INTERESTING: we want its pieces. INTERESTED: it wants"
                                    + " ours. CHOKED: we send it nothing now. CHOKING: it sends us nothing now. OPTIMISTIC: it is"
                                    + " tried out. SNUBBED: it has sent nothing that was requested for long. UPLOAD_ONLY: it"
                                    + " wants nothing more. ENCRYPTED: the connection with it is encrypted with RC4")
            Set<PeerFlag> flags,

            @Schema(description = "From what it is known: a tracker, its own connection, another peer (PEX), or other")
            PeerSource source,

            @Schema(description = "How much of the torrent it has, from 0 to 1")
            double progress,

            @Schema(description = "Payload bytes a second received from it")
            long downRate,

            @Schema(description = "Payload bytes a second sent to it")
            long upRate,

            @Schema(description = "Payload bytes received from it on this connection")
            long downloaded,

            @Schema(description = "Payload bytes sent to it on this connection")
            long uploaded) {
        static PeerView of(SwarmReport.Peer peer) {
            return new PeerView(
                    peer.address(),
                    peer.port(),
                    peer.client(),
                    peer.flags(),
                    peer.source(),
                    peer.done() / THOUSAND,
                    peer.downRate(),
                    peer.upRate(),
                    peer.down(),
                    peer.up());
        }
    }

    @Schema(
            name = "SwarmPieces",
            nullable = true,
            description =
                    "The pieces in n buckets of neighbours, n being the length of each list: bucket i has the pieces"
                            + " from floor(i * count / n) up to, without it, floor((i + 1) * count / n)")
    record PiecesView(
            @Schema(description = "All pieces") int count,

            @Schema(maxItems = SwarmReport.BUCKETS_MAX, description = "How many are stored")
            List<Integer> stored,

            @Schema(
                    maxItems = SwarmReport.BUCKETS_MAX,
                    description = "How many are verified and kept until their neighbours are too")
            List<Integer> spilled,

            @Schema(
                    maxItems = SwarmReport.BUCKETS_MAX,
                    description = "How many are being downloaded, or verified and not kept yet")
            List<Integer> open,

            @Schema(
                    maxItems = SwarmReport.BUCKETS_MAX,
                    description = "How many of the connected peers have the rarest piece")
            List<Integer> availability) {
        static PiecesView of(SwarmReport.Pieces pieces) {
            return new PiecesView(
                    pieces.count(), pieces.stored(), pieces.spilled(), pieces.open(), pieces.availability());
        }
    }

    /** Returns the view of a transfer that is in no swarm. */
    static TransferSwarmView nothing(String reason) {
        return new TransferSwarmView(reason, null, false, 0, List.of(), null);
    }

    /** Returns what was reported about a transfer that runs; {@code seen} is null if nothing was. */
    static TransferSwarmView of(Transfer transfer, Torrent torrent, @Nullable Seen seen) {
        if (seen == null) {
            return new TransferSwarmView(NO_REPORT, null, true, 0, List.of(), null);
        }
        SwarmReport report = seen.report();
        Set<String> own = transfer.sources().trackers().stream()
                .flatMap(Collection::stream)
                .map(StatusRecord.Tracker::id)
                .collect(Collectors.toSet());
        boolean isShared = torrent.owner().isShared();
        SwarmReport.Pieces pieces = report.pieces();
        return new TransferSwarmView(
                null,
                seen.at(),
                seen.age().compareTo(STALE) > 0,
                report.connected(),
                report.peers().stream()
                        .filter(peer -> !isShared || !Collections.disjoint(peer.trackers(), own))
                        .map(PeerView::of)
                        .toList(),
                pieces == null ? null : PiecesView.of(pieces));
    }
}
