package io.shoal.intake.wishes;

import io.shoal.contracts.records.Wanted;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.transfers.Transfer;

/**
 * What one transfer wants of its torrent.
 *
 * @param active whether it wants it now: not paused, and its goal not met
 */
record Wish(Wanted wanted, boolean active, Sources sources) {
    static Wish of(Transfer transfer) {
        return new Wish(transfer.wanted(), transfer.isWorkedOn(), transfer.sources());
    }
}
