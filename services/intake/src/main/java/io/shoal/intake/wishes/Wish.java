package io.shoal.intake.wishes;

import io.shoal.contracts.records.Wanted;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.transfers.Transfer;

/**
 * The wish of one transfer about its torrent.
 *
 * @param active whether it wants it now: neither paused nor blocked, its goal not met, and with a download slot if it needs one
 */
record Wish(Wanted wanted, boolean active, Sources sources) {
    static Wish of(Transfer transfer) {
        return new Wish(transfer.wanted(), transfer.isActive(), transfer.sources());
    }
}
