package io.shoal.intake.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.shoal.intake.progress.LiveSlice;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The figures of a transfer that change while nothing else does. */
@Schema(name = "TransferProgress", description = "Rates, peers and progress of one transfer, as in Transfer")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TransferProgress(
        UUID id,

        @Schema(
                nullable = true,
                description = "`progress.verifiedBytes`; absent while the worker does not know it: keep what was shown")
        @Nullable
        Long verifiedBytes,

        @Schema(description = "`rates.down`") long downRate,
        @Schema(description = "`rates.up`") long upRate,
        @Schema(description = "`peers.connected`") int peers,
        @Schema(description = "`peers.seeds`") int seeds,

        @Schema(description = "`peers.availability`") int availability,

        @Schema(description = "`totals.down`; absent while no worker has the transfer") @Nullable
        Long down,

        @Schema(description = "`totals.up`; absent while no worker has the transfer") @Nullable
        Long up) {

    /** Returns the figures of a transfer that no worker has. */
    static TransferProgress none(UUID id) {
        return new TransferProgress(id, null, 0, 0, 0, 0, 0, null, null);
    }

    /** Returns whether nothing moves and no peer is connected. */
    @JsonIgnore
    boolean isAtRest() {
        return downRate == 0 && upRate == 0 && peers == 0;
    }

    static TransferProgress of(RunningTransfer transfer, LiveSlice live) {
        return new TransferProgress(
                transfer.id(),
                verified(transfer, live),
                live.rates().down(),
                live.rates().up(),
                live.peers().connected(),
                live.peers().seeds(),
                live.peers().availability(),
                live.down(),
                Math.max(0, live.up() < transfer.joinedUp() ? live.up() : live.up() - transfer.joinedUp()));
    }

    private static @Nullable Long verified(RunningTransfer transfer, LiveSlice live) {
        Long left = live.left();
        if (transfer.isStored()) {
            return transfer.wantedBytes();
        }
        return left == null ? null : Math.clamp(transfer.wantedBytes() - left, 0L, transfer.wantedBytes());
    }
}
