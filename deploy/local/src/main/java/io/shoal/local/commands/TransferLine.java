package io.shoal.local.commands;

import io.shoal.local.client.Transfer;
import io.shoal.local.terminal.Sizes;

/** One transfer on one line. */
final class TransferLine {
    private TransferLine() {}

    static String of(Transfer transfer) {
        String reason = transfer.reason() == null ? "" : " (" + transfer.reason() + ")";
        return "%s  %-11s %s  down %s/s  up %s/s  peers %d  %s%s"
                .formatted(
                        transfer.id(),
                        transfer.state(),
                        stored(transfer),
                        Sizes.of(transfer.downRate()),
                        Sizes.of(transfer.upRate()),
                        transfer.peers(),
                        transfer.name() == null ? "" : transfer.name(),
                        reason);
    }

    /** The size of a magnet link's torrent is unknown until its metadata has been fetched. */
    private static String stored(Transfer transfer) {
        if (transfer.wanted() == 0 && !transfer.complete()) {
            return "size unknown";
        }
        return "%4s  %s of %s"
                .formatted(
                        Sizes.percent(transfer.stored(), transfer.wanted()),
                        Sizes.of(transfer.stored()),
                        Sizes.of(transfer.wanted()));
    }
}
