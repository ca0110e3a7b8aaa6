package io.shoal.intake.wishes;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.SliceRecord.Mode;
import io.shoal.contracts.topics.SliceKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.outbox.Outbox;
import io.shoal.intake.quotas.DownloadSlots;
import io.shoal.intake.quotas.TorrentRates;
import io.shoal.intake.torrents.Sequences;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps the merged wish of each torrent in line with its transfers, and requests the download slots that they need. All methods must
 * be called inside a transaction that has locked the torrent.
 */
@ApplicationScoped
public class Wishes {
    private final Transfers transfers;
    private final Sequences sequences;
    private final OurTrackers ourTrackers;
    private final Outbox outbox;
    private final DownloadSlots slots;
    private final TorrentRates rates;
    private final Event<WishChanged> changed;
    private final Event<WishKept> kept;

    Wishes(
            Transfers transfers,
            Sequences sequences,
            OurTrackers ourTrackers,
            Outbox outbox,
            DownloadSlots slots,
            TorrentRates rates,
            Event<WishChanged> changed,
            Event<WishKept> kept) {
        this.transfers = transfers;
        this.sequences = sequences;
        this.ourTrackers = ourTrackers;
        this.outbox = outbox;
        this.slots = slots;
        this.rates = rates;
        this.changed = changed;
        this.kept = kept;
    }

    /**
     * Merges the wishes of the transfers of {@code torrent}; a new result is published to the fleet. If the result is not new, no worker
     * has a reason to report: the transfers are moved by what is known, in this transaction, or the worker is asked.
     */
    public void merge(Torrent torrent) {
        MergedWish wish = merged(torrent);
        boolean same = wish.wanted().equals(torrent.wanted())
                && wish.mode() == torrent.mode()
                && wish.sources().equals(torrent.sources());
        if (same) {
            kept.fire(new WishKept(torrent));
            changed.fire(new WishChanged(torrent.id()));
        } else {
            tell(torrent, wish);
        }
    }

    /** As {@link #merge}, and always publishes: the fleet does not know this torrent, or this generation, yet. */
    public void announce(Torrent torrent) {
        tell(torrent, merged(torrent));
    }

    /** A transfer of the torrent has other limits of its rates: new limits of the torrent are published to the fleet. */
    public void limitRates(Torrent torrent) {
        if (rates.limit(torrent.owner(), torrent.id().value())) {
            outbox.dirty(Topic.SLICES, sliceKey(torrent.id()));
        }
    }

    /** A transfer of the torrent was deleted. After the last one, the worker is asked to leave the torrent. */
    public void afterRemoval(Torrent torrent) {
        if (transfers.lockAllOf(torrent.id()).isEmpty()) {
            torrent.orphan(Instant.now());
            outbox.dirty(Topic.SLICES, sliceKey(torrent.id()));
        } else {
            merge(torrent);
        }
    }

    /** Stored segments may be gone: its worker lists the store again, and downloads what is missing. */
    public void lost(Torrent torrent) {
        transfers.lockAllOf(torrent.id()).forEach(Transfer::reopen);
        torrent.checkStore();
        announce(torrent);
    }

    /**
     * A tenant asks whether everything is in its place: the torrent's worker lists the store. No transfer changes its state before
     * something is found to be missing.
     */
    public void verify(Torrent torrent) {
        if (torrent.verify(Instant.now())) {
            announce(torrent);
        }
    }

    /** A tenant asks for an announce to the torrent's trackers. One that does not run announces when it does. */
    public void reannounce(Torrent torrent) {
        if (torrent.mode() != Mode.STOP && torrent.reannounce(Instant.now(), sequences::nextRev)) {
            outbox.dirty(Topic.SLICES, sliceKey(torrent.id()));
        }
    }

    private MergedWish merged(Torrent torrent) {
        List<Transfer> all = transfers.lockAllOf(torrent.id());
        all.stream()
                .filter(transfer -> !transfer.isQueued())
                .sorted(Comparator.comparing(Transfer::tenant))
                .forEach(transfer -> slots.request(transfer, torrent.down()));
        all.stream().map(Transfer::tenant).distinct().forEach(slots::mayBeFree);
        return MergedWish.of(torrent.files(), all.stream().map(Wish::of).toList());
    }

    private void tell(Torrent torrent, MergedWish wish) {
        torrent.want(
                wish.wanted(), wish.mode(), wish.sources(), ourTrackers.serve(wish.sources()), sequences.nextRev());
        rates.begin(torrent.owner(), torrent.id().value());
        outbox.dirty(Topic.TORRENTS, torrent.id().value());
        outbox.dirty(Topic.SLICES, sliceKey(torrent.id()));
        changed.fire(new WishChanged(torrent.id()));
    }

    private static String sliceKey(TorrentId id) {
        return new SliceKey.OfTorrent(id, 0).toString();
    }
}
