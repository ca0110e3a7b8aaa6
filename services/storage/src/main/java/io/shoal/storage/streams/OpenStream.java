package io.shoal.storage.streams;

import io.shoal.contracts.links.LinkToken;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One stream's place, and how fast its reader takes bytes. Time in which the stream waits for the store is not counted against
 * the reader.
 */
public final class OpenStream implements AutoCloseable {
    /** Why a stream ended before its last byte. */
    public enum Ending {
        /** The reader closed the connection. */
        READER_GONE("gone"),
        /** The reader took nothing for too long. */
        IDLE("idle"),
        /** The reader was the slowest when places were scarce. */
        SLOW("slow");

        private final String label;

        Ending(String label) {
            this.label = label;
        }

        /** As metrics name it. */
        String label() {
            return label;
        }
    }

    /** More than a period of observation even if the store takes half of the time. */
    private static final int SAMPLES = 64;

    private static final long NOT_WAITING = Long.MIN_VALUE;

    /** What was known at one moment. {@code readerTime} is the time for which the stream waited for its reader. */
    private record Sample(long readerTime, long taken) {}

    private final OpenStreams streams;
    private final LinkToken link;
    private final LongSupplier clock;
    private final long begun;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<Ending> ending = new AtomicReference<>();
    private volatile Runnable onEnd = () -> {};

    /** Guarded by this, as all that follow. */
    private long taken;

    private long lastProgress;
    private long storeTime;
    private long waitingForStoreSince = NOT_WAITING;
    private final Deque<Sample> samples = new ArrayDeque<>();

    OpenStream(OpenStreams streams, LinkToken link, LongSupplier clock) {
        this.streams = streams;
        this.link = link;
        this.clock = clock;
        begun = clock.getAsLong();
        lastProgress = begun;
        samples.add(new Sample(0, 0));
    }

    LinkToken link() {
        return link;
    }

    /** The reader has taken {@code bytes} more. */
    public synchronized void taken(long bytes) {
        taken += bytes;
        lastProgress = clock.getAsLong();
    }

    /** From now on the stream waits for the store, not for its reader. */
    public synchronized void waitForStore() {
        waitingForStoreSince = clock.getAsLong();
    }

    /** The store has answered: from now on the stream waits for its reader. */
    public synchronized void waitForReader() {
        long now = clock.getAsLong();
        storeTime += now - waitingForStoreSince;
        lastProgress = now;
        waitingForStoreSince = NOT_WAITING;
    }

    /** Calls {@code hook} when the stream is ended from outside; at once if it is already. */
    public void onEnd(Runnable hook) {
        onEnd = hook;
        if (ending.get() != null) {
            hook.run();
        }
    }

    /** Ends the stream; the first reason counts. */
    public void end(Ending why) {
        if (ending.compareAndSet(null, why)) {
            ended.countDown();
            onEnd.run();
        }
    }

    /** Returns why the stream was ended from outside, if it was. */
    @Nullable
    Ending ending() {
        return ending.get();
    }

    /** Waits until the stream is ended from outside, but not longer than {@code time}; returns whether it is. */
    public boolean awaitEnd(Duration time) throws InterruptedException {
        return ended.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Returns how long the reader has taken nothing of what was there to be taken. */
    synchronized Duration idle() {
        return waitingForStoreSince == NOT_WAITING ? Duration.ofNanos(clock.getAsLong() - lastProgress) : Duration.ZERO;
    }

    /** Takes a sample; returns bytes a second over the last {@code period} of the reader's time, if that was so long. */
    synchronized OptionalDouble rate(Duration period) {
        long now = clock.getAsLong();
        long waiting = waitingForStoreSince == NOT_WAITING ? 0 : now - waitingForStoreSince;
        long readerTime = now - begun - storeTime - waiting;
        if (samples.size() == SAMPLES) {
            samples.removeFirst();
        }
        // The youngest sample that is old enough; all before it are not needed any more.
        Sample base = null;
        while (!samples.isEmpty() && readerTime - samples.getFirst().readerTime() >= period.toNanos()) {
            base = samples.removeFirst();
        }
        if (base != null) {
            samples.addFirst(base);
        }
        samples.addLast(new Sample(readerTime, taken));
        if (base == null) {
            return OptionalDouble.empty();
        }
        double seconds = (readerTime - base.readerTime()) / 1e9;
        return OptionalDouble.of((taken - base.taken()) / seconds);
    }

    /** Gives the place back. */
    @Override
    public void close() {
        streams.closed(this);
    }
}
