package io.shoal.intake.planning;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.contracts.records.Wanted;
import io.shoal.intake.admission.DenyList;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.quotas.QuotaExceededException;
import io.shoal.intake.quotas.Quotas;
import io.shoal.intake.tenants.Tenant;
import io.shoal.intake.tenants.Tenants;
import io.shoal.intake.torrents.LiveTotals;
import io.shoal.intake.torrents.Owner;
import io.shoal.intake.torrents.Owners;
import io.shoal.intake.torrents.SegmentLengths;
import io.shoal.intake.torrents.Sequences;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.torrents.TorrentState;
import io.shoal.intake.torrents.Torrents;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.Transfers;
import io.shoal.intake.wishes.Wishes;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes a transfer, a torrent and work for the fleet out of an info dictionary.
 *
 * <p>The info object is written between two transactions: the first finds out in which generation the torrent would live, the
 * second commits the plan if that is still so. So a reader of a generation on Kafka finds its info, and no connection to the
 * database waits for the store. What was written for a plan that was certainly not committed is deleted; after a crash, or when
 * the database went away while it committed, it stays until the next life of the torrent is purged.
 *
 * <p>The deny list and the tenant's quota are asked in the transaction that plans.
 */
@ApplicationScoped
public class Planner {
    private static final Logger LOG = Logger.getLogger(Planner.class);

    /** Each retry means that another transaction has changed the torrent in the few milliseconds between two transactions. */
    private static final int TRIES = 20;

    private final Tenants tenants;
    private final Torrents torrents;
    private final LiveTotals totals;
    private final Transfers transfers;
    private final TransferLocks locks;
    private final Sequences sequences;
    private final InfoStore infos;
    private final Wishes wishes;
    private final Resolves resolves;
    private final TransferFiling filing;
    private final Quotas quotas;
    private final DenyList denied;

    Planner(
            Tenants tenants,
            Torrents torrents,
            LiveTotals totals,
            Transfers transfers,
            TransferLocks locks,
            Sequences sequences,
            InfoStore infos,
            Wishes wishes,
            Resolves resolves,
            TransferFiling filing,
            Quotas quotas,
            DenyList denied) {
        this.tenants = tenants;
        this.torrents = torrents;
        this.totals = totals;
        this.transfers = transfers;
        this.locks = locks;
        this.sequences = sequences;
        this.infos = infos;
        this.wishes = wishes;
        this.resolves = resolves;
        this.filing = filing;
        this.quotas = quotas;
        this.denied = denied;
    }

    /**
     * A transfer that the library has, as the transaction left it that found or added it.
     *
     * @param torrent its torrent, once that is known
     * @param isNew whether it was not there before
     */
    public record Added(Transfer transfer, @Nullable Torrent torrent, boolean isNew) {}

    /**
     * Plans. Returns the library's transfer of this torrent; empty if it does not wait to be planned in this way.
     *
     * @throws StoreUnavailableException the info object could not be written, and nothing has changed
     * @throws DeniedException if the operator denies the torrent, unless the plan is for a transfer that waits
     * @throws QuotaExceededException if the tenant may not store its files, unless the plan is for a transfer that waits
     * @throws HiddenTransferException if the library has it where the submission does not see it
     */
    Optional<Added> plan(Plan plan) throws StoreUnavailableException {
        for (int i = 0; i < TRIES; i++) {
            Life life = QuarkusTransaction.requiringNew().call(() -> lifeOf(plan));
            ObjectKeys keys = new ObjectKeys(life.torrent, life.generation);
            if (life.isNew) {
                infos.write(keys, plan.layout());
            }
            Outcome outcome = commit(plan, life);
            if (life.isNew && !outcome.lifeUsed) {
                discard(keys);
            }
            if (outcome.failure != null) {
                throw outcome.failure;
            }
            if (!outcome.tryAgain) {
                return Optional.ofNullable(outcome.added);
            }
        }
        throw new IllegalStateException("torrent " + plan.infoHash() + " never stood still");
    }

    /** In which life of which torrent a transfer would be planned. */
    private record Life(TorrentId torrent, Generation generation, boolean isNew) {}

    /**
     * What became of a plan.
     *
     * @param lifeUsed whether the info object may be needed
     * @param failure what kept the transaction from committing
     */
    private record Outcome(
            boolean tryAgain,
            boolean lifeUsed,
            @Nullable Added added,
            @Nullable RuntimeException failure) {
        static final Outcome TRY_AGAIN = new Outcome(true, false, null, null);

        static Outcome unneeded(@Nullable Added added) {
            return new Outcome(false, false, added, null);
        }

        static Outcome planned(Added added) {
            return new Outcome(false, true, added, null);
        }
    }

    private Life lifeOf(Plan plan) {
        Optional<Transfer> there = transfers.find(plan.tenant(), plan.infoHash());
        refuseHidden(plan, there);
        UUID pool = tenants.find(plan.tenant()).map(Tenant::pool).orElse(null);
        TorrentId id = torrent(plan, there, pool);
        Optional<Torrent> known = torrents.find(id);
        Optional<Life> current = known.filter(torrent -> torrent.state() != TorrentState.REMOVED)
                .map(torrent -> new Life(id, torrent.generation(), false));
        if (current.isPresent()) {
            return current.get();
        }
        refuseEarly(plan, there);
        return new Life(id, sequences.nextGeneration(known.map(Torrent::generation)), true);
    }

    /**
     * The torrent that the plan is about: that of the library's transfer if it has one, whatever pool the tenant is in by now.
     *
     * @param pool decides for a transfer that is not there yet
     */
    private static TorrentId torrent(Plan plan, Optional<Transfer> there, @Nullable UUID pool) {
        return there.flatMap(Transfer::torrent)
                .orElseGet(() -> owner(plan, there, pool).torrent(plan.infoHash()));
    }

    private static Owner owner(Plan plan, Optional<Transfer> there, @Nullable UUID pool) {
        boolean isPrivate = plan.layout().isPrivate();
        return there.isPresent()
                ? there.get().owner(isPrivate)
                : Owners.of(plan.tenant(), pool, isPrivate || plan.privateAsked());
    }

    /** Spares the store what the second transaction would refuse anyway. */
    private void refuseEarly(Plan plan, Optional<Transfer> there) {
        if (plan.cause() instanceof Plan.Submitted submitted) {
            refuseDenied(plan);
            if (there.isEmpty()) {
                BitSet files = plan.layout().files(submitted.options().wanted());
                quotas.check(plan.tenant(), 1, plan.layout().lengthOf(files));
            }
        }
    }

    private static void refuseHidden(Plan plan, Optional<Transfer> there) {
        if (plan.cause() instanceof Plan.Submitted submitted
                && there.isPresent()
                && !submitted.library().has(there.get())) {
            throw new HiddenTransferException();
        }
    }

    private void refuseDenied(Plan plan) {
        if (denied.denies(plan.hashes())) {
            throw new DeniedException();
        }
    }

    /** A failure before the commit itself has certainly changed nothing; one of the commit may have. */
    private Outcome commit(Plan plan, Life life) {
        boolean[] decided = new boolean[1];
        try {
            return QuarkusTransaction.requiringNew().call(() -> {
                Outcome outcome = inTransaction(plan, life);
                decided[0] = true;
                return outcome;
            });
        } catch (RuntimeException e) {
            return new Outcome(false, decided[0], null, e);
        }
    }

    private void discard(ObjectKeys keys) {
        try {
            infos.discard(keys);
        } catch (StoreUnavailableException e) {
            LOG.warnf("the info object of a plan that came to nothing stays: %s: %s", keys.info(), e);
        }
    }

    private Outcome inTransaction(Plan plan, Life life) {
        locks.reserveToPlan(Owners.own(plan.tenant()).torrent(plan.infoHash()), life.torrent);
        Optional<Torrent> known = torrents.lock(life.torrent);
        Optional<Transfer> there = transfers.lock(plan.tenant(), plan.infoHash());
        refuseHidden(plan, there);
        boolean isNew = there.isEmpty() && plan.cause() instanceof Plan.Submitted;
        UUID pool = isNew
                ? tenants.hold(plan.tenant())
                        .orElseThrow(TenantGoneException::new)
                        .pool()
                : null;
        if (!torrent(plan, there, pool).equals(life.torrent)) {
            return Outcome.TRY_AGAIN;
        }
        boolean isDenied = denied.denies(plan.hashes());
        if (isDenied && !(plan.cause() instanceof Plan.Resolved)) {
            throw new DeniedException();
        }
        if (!plan.cause().isFor(there)) {
            return Outcome.unneeded(there.filter(transfer -> plan.cause() instanceof Plan.Submitted)
                    .map(transfer -> new Added(transfer, known.orElse(null), false))
                    .orElse(null));
        }
        if (isDenied) {
            Transfer transfer = there.orElseThrow();
            resolves.deny(transfer);
            transfer.search().keepMetadata();
            return Outcome.unneeded(new Added(transfer, null, false));
        }
        if (!isStill(known, life)) {
            return Outcome.TRY_AGAIN;
        }
        return switch (plan.cause()) {
            case Plan.Submitted submitted -> {
                Transfer transfer = there.orElseGet(() -> newTransfer(plan, submitted, pool));
                yield submitted(plan, submitted, known, life, transfer, isNew);
            }
            case Plan.Resolved() -> resolved(plan, known, life, there.orElseThrow());
            case Plan.Started started -> {
                Transfer transfer = there.orElseThrow();
                filing.change(transfer, started.change().filing());
                started.change().applyTo(transfer);
                transfer.start();
                Room room = room(plan, transfer);
                quotas.reserve(plan.tenant(), room.bytes);
                yield run(plan, known, life, transfer, room, false);
            }
        };
    }

    private Outcome submitted(
            Plan plan, Plan.Submitted cause, Optional<Torrent> known, Life life, Transfer transfer, boolean isNew) {
        Room room = room(plan, transfer);
        transfer.describe(cause.about());
        if (isNew) {
            filing.admit(transfer, cause.options().filing().category(), room.bytes);
            transfers.persist(transfer);
        } else {
            quotas.reserve(plan.tenant(), room.bytes);
        }
        return run(plan, known, life, transfer, room, isNew);
    }

    private Outcome resolved(Plan plan, Optional<Torrent> known, Life life, Transfer transfer) {
        Room room = room(plan, transfer);
        if (!quotas.tryReserve(plan.tenant(), room.bytes)) {
            resolves.end(transfer);
            transfer.exceedQuota(room.bytes);
            transfer.search().keepMetadata();
            return Outcome.unneeded(new Added(transfer, null, false));
        }
        return run(plan, known, life, transfer, room, false);
    }

    /** Files that planning charges to the transfer, and their length. */
    private record Room(BitSet files, long bytes) {}

    private static Room room(Plan plan, Transfer transfer) {
        BitSet files = transfer.charge().missing(plan.layout().files(transfer.wanted()));
        return new Room(files, plan.layout().lengthOf(files));
    }

    private Outcome run(Plan plan, Optional<Torrent> known, Life life, Transfer transfer, Room room, boolean isNew) {
        resolves.end(transfer);
        if (plan.layout().isPrivate()) {
            transfer.keepFromPool();
        }
        Torrent torrent = live(plan, known, life, transfer);
        Wanted wanted = plan.layout().exactly(transfer.wanted());
        transfer.plan(
                torrent.id(),
                torrent.name(),
                torrent.size(),
                Sources.union(List.of(transfer.sources(), plan.sources())),
                wanted,
                plan.layout().share(wanted),
                totals.up(torrent));
        transfer.charge().add(room.files, room.bytes);
        wishes.announce(torrent);
        return Outcome.planned(new Added(transfer, torrent, isNew));
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

    private Torrent live(Plan plan, Optional<Torrent> known, Life life, Transfer transfer) {
        Torrent.Facts facts = plan.facts(transfer.privateAsked());
        if (known.isEmpty()) {
            return torrents.add(
                    life.torrent,
                    transfer.owner(facts.isPrivate()),
                    life.generation,
                    facts,
                    SegmentLengths.of(plan.layout().geometry()));
        }
        Torrent torrent = known.get();
        if (life.isNew) {
            torrent.begin(life.generation, facts);
        } else {
            torrents.revive(torrent, facts.isPrivate());
        }
        return torrent;
    }

    private static Transfer newTransfer(Plan plan, Plan.Submitted submitted, @Nullable UUID pool) {
        InfoHash infoHash = plan.infoHash();
        return new Transfer(plan.tenant(), pool, infoHash, plan.layout().name(), plan.sources(), submitted.options());
    }
}
