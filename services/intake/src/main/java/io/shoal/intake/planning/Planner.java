package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Wanted;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.tenants.Tenants;
import io.shoal.intake.torrents.SegmentLengths;
import io.shoal.intake.torrents.Sequences;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.TorrentState;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfer.AddOptions;
import io.shoal.intake.transfers.Transfers;
import io.shoal.intake.wishes.Wishes;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes a transfer, a torrent and work for the fleet out of an info dictionary.
 *
 * <p>The info object is written between two transactions: the first finds out in which generation the torrent would live, the
 * second commits the plan if that is still so. So whoever reads of a generation on Kafka finds its info, and no connection to
 * the database waits for the store. What was written for a plan that came to nothing is deleted; after a crash it stays
 * until the next life of the torrent is purged.
 */
@ApplicationScoped
public class Planner {
    /** Each retry means that somebody else has changed the torrent in the few milliseconds between two transactions. */
    private static final int TRIES = 20;

    private final Tenants tenants;
    private final Torrents torrents;
    private final Transfers transfers;
    private final Sequences sequences;
    private final InfoStore infos;
    private final Wishes wishes;
    private final Resolves resolves;

    Planner(
            Tenants tenants,
            Torrents torrents,
            Transfers transfers,
            Sequences sequences,
            InfoStore infos,
            Wishes wishes,
            Resolves resolves) {
        this.tenants = tenants;
        this.torrents = torrents;
        this.transfers = transfers;
        this.sequences = sequences;
        this.infos = infos;
        this.wishes = wishes;
        this.resolves = resolves;
    }

    /**
     * A transfer that the library has.
     *
     * @param isNew whether it was not there before
     */
    public record Added(UUID transfer, boolean isNew) {}

    /**
     * What is to be planned.
     *
     * @param options for a transfer that is not there yet; null: it must be there, and wait for its metadata
     */
    record Plan(
            UUID tenant,
            FileLayout layout,
            Sources sources,
            @Nullable AddOptions options) {
        InfoHash infoHash() {
            return layout.infoHash();
        }

        TorrentId torrent() {
            return TorrentId.of(tenant.toString(), infoHash());
        }
    }

    /**
     * Plans. The library's transfer of this torrent; empty if it was to wait for its metadata and does not.
     *
     * @throws StoreUnavailableException the info object could not be written, and nothing has changed
     */
    Optional<Added> plan(Plan plan) throws StoreUnavailableException {
        for (int i = 0; i < TRIES; i++) {
            Life life = QuarkusTransaction.requiringNew().call(() -> lifeOf(plan.torrent()));
            ObjectKeys keys = new ObjectKeys(plan.torrent(), life.generation);
            if (life.isNew) {
                infos.write(keys, plan.layout);
            }
            Outcome outcome = QuarkusTransaction.requiringNew().call(() -> commit(plan, life));
            if (life.isNew && !outcome.lifeUsed) {
                infos.discard(keys);
            }
            if (!outcome.tryAgain) {
                return Optional.ofNullable(outcome.added);
            }
        }
        throw new IllegalStateException("torrent " + plan.torrent() + " never stood still");
    }

    /** In which life a torrent would be planned. */
    private record Life(Generation generation, boolean isNew) {}

    /** What became of a plan. */
    private record Outcome(
            boolean tryAgain, boolean lifeUsed, @Nullable Added added) {
        static final Outcome TRY_AGAIN = new Outcome(true, false, null);

        static Outcome unneeded(@Nullable Added added) {
            return new Outcome(false, false, added);
        }
    }

    private Life lifeOf(TorrentId id) {
        return torrents.find(id)
                .filter(torrent -> torrent.state() != TorrentState.REMOVED)
                .map(torrent -> new Life(torrent.generation(), false))
                .orElseGet(() -> new Life(sequences.nextGeneration(), true));
    }

    private Outcome commit(Plan plan, Life life) {
        torrents.reserve(plan.torrent());
        Optional<Torrent> known = torrents.lock(plan.torrent());
        Optional<Transfer> there = transfers.lock(plan.tenant, plan.infoHash());
        if (there.isPresent() && there.get().isPlanned()) {
            return Outcome.unneeded(new Added(there.get().id(), false));
        }
        if (plan.options == null && !there.map(Transfer::awaitsMetadata).orElse(false)) {
            return Outcome.unneeded(null);
        }
        if (!isStill(known, life)) {
            return Outcome.TRY_AGAIN;
        }
        Transfer transfer = there.orElseGet(() -> newTransfer(plan));
        resolves.end(transfer);
        Torrent torrent = live(plan, known, life, transfer.privateAsked());
        Wanted wanted = plan.layout.exactly(transfer.wanted());
        transfer.plan(
                torrent.id(),
                torrent.name(),
                Sources.union(List.of(transfer.sources(), plan.sources)),
                wanted,
                plan.layout.share(wanted),
                torrent.up());
        wishes.announce(torrent);
        return new Outcome(false, true, new Added(transfer.id(), there.isEmpty()));
    }

    private static boolean isStill(Optional<Torrent> known, Life life) {
        if (known.isEmpty()) {
            return life.isNew;
        }
        Generation generation = known.get().generation();
        return known.get().state() == TorrentState.REMOVED
                ? life.isNew && life.generation.compareTo(generation) > 0
                : life.generation.equals(generation);
    }

    private Torrent live(Plan plan, Optional<Torrent> known, Life life, boolean privateAsked) {
        FileLayout layout = plan.layout;
        Torrent.Facts facts = new Torrent.Facts(
                plan.infoHash(),
                layout.name(),
                layout.size(),
                layout.files().size(),
                layout.geometry().segments().size(),
                layout.isPrivate() || privateAsked);
        if (known.isEmpty()) {
            return torrents.add(
                    plan.torrent(), plan.tenant, life.generation, facts, SegmentLengths.of(layout.geometry()));
        }
        Torrent torrent = known.get();
        if (life.isNew) {
            torrent.begin(plan.tenant, life.generation, facts);
        } else {
            torrent.revive(plan.tenant, facts.isPrivate());
        }
        return torrent;
    }

    private Transfer newTransfer(Plan plan) {
        if (plan.options == null || !tenants.hold(plan.tenant)) {
            throw new TenantGoneException();
        }
        Transfer transfer = new Transfer(plan.tenant, plan.infoHash(), plan.layout.name(), plan.sources, plan.options);
        transfers.persist(transfer);
        return transfer;
    }
}
