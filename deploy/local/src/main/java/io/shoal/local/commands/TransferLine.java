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

    /** Of a magnet without metadata nobody knows how much there is. */
    private static String stored(Transfer transfer) {
        if (transfer.wanted() == 0 && !transfer.complete()) {
            return "size not known yet";
        }
        return "%4s  %s of %s"
                .formatted(
                        Sizes.percent(transfer.stored(), transfer.wanted()),
                        Sizes.of(transfer.stored()),
                        Sizes.of(transfer.wanted()));
    }
}
