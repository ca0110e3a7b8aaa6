package io.shoal.tracker.records;

import io.shoal.contracts.topics.KafkaClientConfig;
import io.shoal.tracker.admission.Passkeys;
import io.shoal.tracker.admission.Torrents;
import java.util.List;
import java.util.function.Consumer;

/** Keeps the rules of admission in step with Kafka, from the first attempt to reach it until the service ends. */
public final class StateFeed implements AutoCloseable {
    private final KafkaThread thread;
    private final Runnable caughtUp;
    private boolean wasCaughtUp;

    /**
     * @param partitions of every topic
     * @param replication of every topic; -1 for the broker's default
     * @param caughtUp is run once, when all that was there at the start is known
     * @param failed receives, once, a failure that does not pass by itself
     */
    public StateFeed(
            KafkaClientConfig kafka,
            int partitions,
            short replication,
            Torrents torrents,
            Passkeys passkeys,
            Runnable caughtUp,
            Consumer<Throwable> failed) {
        this.caughtUp = caughtUp;
        List<State> states = List.of(new TorrentsState(torrents), new AdmissionState(torrents, passkeys));
        this.thread = new KafkaThread(
                "state",
                kafka,
                "tracker",
                partitions,
                replication,
                (consumer, dead, turn) -> new StateReader(consumer, dead, states, partitions, turn).run(this::caughtUp),
                failed);
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    /** Returns whether the thread runs. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    /** Whether all topics are known to exist as they should: nothing may be sent before. */
    public boolean areTopicsEnsured() {
        return thread.areTopicsEnsured();
    }

    private void caughtUp() {
        if (!wasCaughtUp) {
            wasCaughtUp = true;
            caughtUp.run();
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
