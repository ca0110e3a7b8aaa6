package io.shoal.intake.api;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.progress.LiveSlice;
import io.shoal.intake.progress.StatusBoard;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.TorrentState;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferState;
import io.shoal.intake.transfers.Transfers;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * The work that was given to the fleet, and which worker has it. Only the operator sees it: names of workers and generations would
 * tell a tenant how large the fleet is and how much the other tenants add.
 */
@Path("/v1/slices")
@ForOperator
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "operator")
@SecurityRequirement(name = "operatorKey")
class SlicesResource {
    private final Torrents torrents;
    private final Transfers transfers;
    private final StatusBoard board;

    SlicesResource(Torrents torrents, Transfers transfers, StatusBoard board) {
        this.torrents = torrents;
        this.transfers = transfers;
        this.board = board;
    }

    @Schema(name = "SliceReport", description = "The newest report of the worker that has the slice")
    record ReportView(
            String worker,

            @Schema(description = "Rises each time that the slice gets another owner, or its owner starts again")
            long epoch,

            @Schema(description = "The revision of the slice that is in force there")
            long rev,

            StatusRecord.State state,

            @Schema(
                    nullable = true,
                    description = "Why it makes no progress; null while it does",
                    examples = "no-peers")
            @Nullable
            String reason) {
        static ReportView of(LiveSlice live) {
            StatusRecord.Reason reason = live.reason();
            return new ReportView(
                    live.worker(),
                    live.epoch(),
                    live.rev(),
                    live.state(),
                    reason == null ? null : TransferView.code(reason));
        }
    }

    @Schema(
            name = "Slice",
            description = "A unit of work of the fleet: a torrent, or the search for a magnet's metadata")
    record SliceView(
            @Schema(description = "The key of its records on Kafka")
            String key,

            @Schema(nullable = true, description = "The torrent id; null for a search for metadata") @Nullable
            String torrent,

            @Schema(nullable = true, description = "The generation of the torrent; null for a search for metadata")
            @Nullable
            Long generation,

            @Schema(nullable = true, description = "The state of the torrent; null for a search for metadata") @Nullable
            TorrentState torrentState,

            @Schema(description = "What the worker is asked to do")
            SliceRecord.Mode mode,

            @Schema(description = "The revision of what the worker is asked to do")
            long rev,

            @Schema(nullable = true, description = "Null if no worker has reported about it") @Nullable
            ReportView report) {}

    @Schema(name = "SliceList")
    record SliceList(
            List<SliceView> items,

            @Schema(description = "Whether more may have been reported than can be seen now")
            boolean stale) {}

    @GET
    @Operation(
            operationId = "listSlices",
            summary = "List the slices of a torrent or a transfer, with the workers that have them",
            description = "Exactly one of torrent and transfer must be given")
    public SliceList list(
            @QueryParam("torrent") @Schema(description = "A torrent id") @Nullable String torrent,
            @QueryParam("transfer")
                    @Schema(format = "uuid", description = "The id of a transfer of any tenant")
                    @Nullable
                    String transfer) {
        if ((torrent == null) == (transfer == null)) {
            throw ProblemException.invalid(
                    ProblemKind.INVALID_FIELD, "torrent", "must be given, or transfer, and not both");
        }
        SliceView slice = QuarkusTransaction.requiringNew()
                .call(() -> torrent != null
                        ? torrents.find(torrentId(torrent)).map(this::view)
                        : ofTransfer(Ids.require("transfer", String.valueOf(transfer))))
                .orElseThrow(() -> ProblemException.of(ProblemKind.NOT_FOUND));
        return new SliceList(List.of(slice), !board.isFresh());
    }

    private static TorrentId torrentId(String text) {
        try {
            return new TorrentId(text);
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid(
                    ProblemKind.INVALID_FIELD, "torrent", "must be a torrent id: 26 characters of lower-case base32");
        }
    }

    private Optional<SliceView> ofTransfer(UUID id) {
        return transfers
                .findByIdOptional(id)
                .flatMap(transfer -> transfer.isPlanned()
                        ? transfer.torrent().flatMap(torrents::find).map(this::view)
                        : Optional.of(view(transfer)));
    }

    private SliceView view(Torrent torrent) {
        return new SliceView(
                new SliceKey.OfTorrent(torrent.id(), 0).toString(),
                torrent.id().value(),
                torrent.generation().value(),
                torrent.state(),
                torrent.mode(),
                torrent.rev(),
                board.of(torrent.id(), torrent.generation()).map(ReportView::of).orElse(null));
    }

    private SliceView view(Transfer search) {
        SliceKey key = new SliceKey.OfResolve(search.id());
        return new SliceView(
                key.toString(),
                null,
                null,
                null,
                search.state() == TransferState.RESOLVING ? SliceRecord.Mode.RUN : SliceRecord.Mode.STOP,
                search.rev(),
                board.of(key).map(ReportView::of).orElse(null));
    }
}
