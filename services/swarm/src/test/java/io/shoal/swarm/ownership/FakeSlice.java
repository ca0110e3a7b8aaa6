package io.shoal.swarm.ownership;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.Bits;
import io.shoal.contracts.records.ProgressRecord.Peers;
import io.shoal.contracts.records.ProgressRecord.Rates;
import io.shoal.contracts.records.SliceRecord;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.contracts.records.StatusRecord.State;
import io.shoal.contracts.records.StatusRecord.Totals;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A slice whose status and figures the test sets. */
final class FakeSlice implements Slice {
    final SliceRecord first;
    final @Nullable StatusRecord last;
    final long epoch;
    final List<SliceRecord> wanted = new CopyOnWriteArrayList<>();
    volatile boolean handedOver;
    volatile boolean dropped;
    volatile boolean ended;

    /** How often its status, and its figures, were observed. */
    final AtomicLong observations = new AtomicLong();

    final AtomicLong figuresObserved = new AtomicLong();
    final AtomicLong inspections = new AtomicLong();

    /** The answer to each inspection. */
    volatile CompletableFuture<SwarmView> swarm = CompletableFuture.completedFuture(SwarmView.NONE);

    /** Is run when it is handed over. */
    private final Runnable handingOver;

    private final AtomicLong changes = new AtomicLong();
    private volatile SliceStatus now;
    private volatile Rates rates = Rates.ZERO;
    private volatile Peers peers = Peers.NONE;

    FakeSlice(SliceRecord first, @Nullable StatusRecord last, long epoch, Runnable handingOver) {
        this.first = first;
        this.last = last;
        this.epoch = epoch;
        this.handingOver = handingOver;
        SliceStatus fresh = status(first.gen().value(), first.rev(), State.DOWNLOADING, 0);
        now = last == null ? fresh : fresh.with(last.totals());
    }

    /** A slice that only seeds, with neither peers nor payload. */
    static FakeSlice dormant() {
        FakeSlice slice = new FakeSlice(OwnershipTest.slice(1, 1), null, 1, () -> {});
        slice.setStatus(status(1, 1, State.SEEDING, 0));
        return slice;
    }

    /** The status of a slice that has stored one segment. */
    static SliceStatus status(long gen, long rev, State state, int stored) {
        BitSet bits = new BitSet();
        bits.set(stored);
        return new SliceStatus(new Generation(gen), rev, state, null, Bits.of(bits), 0, Totals.ZERO, List.of(), null);
    }

    /** An important change. */
    void setStatus(SliceStatus news) {
        now = news;
        changes.incrementAndGet();
    }

    /** A change that is noticed when the slice is observed. */
    void drift(SliceStatus news) {
        now = news;
    }

    Totals totals() {
        return now.totals();
    }

    /** Sends and receives, at these rates since now. */
    void transfer(long down, long up, Rates since) {
        Totals before = now.totals();
        now = now.with(new Totals(
                before.down() + down, before.up() + up, before.wasted(), before.seedingSeconds(), before.left()));
        rates = since;
    }

    void setPeers(Peers connected) {
        peers = connected;
    }

    /** Time passes in which it seeds. */
    void seed(long seconds) {
        Totals before = now.totals();
        now = now.with(new Totals(
                before.down(), before.up(), before.wasted(), before.seedingSeconds() + seconds, before.left()));
    }

    @Override
    public long changes() {
        return changes.get();
    }

    @Override
    public void want(SliceRecord newer) {
        wanted.add(newer);
    }

    @Override
    public SliceStatus status() {
        observations.incrementAndGet();
        return now;
    }

    @Override
    public long payload() {
        return now.totals().down() + now.totals().up();
    }

    @Override
    public SliceFigures figures() {
        figuresObserved.incrementAndGet();
        return new SliceFigures(now.state(), now.totals(), rates, peers);
    }

    @Override
    public CompletableFuture<SwarmView> inspect() {
        inspections.incrementAndGet();
        return swarm;
    }

    @Override
    public CompletableFuture<Void> handOver() {
        handedOver = true;
        handingOver.run();
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void drop() {
        dropped = true;
    }

    @Override
    public CompletableFuture<Void> end() {
        ended = true;
        return CompletableFuture.completedFuture(null);
    }
}
