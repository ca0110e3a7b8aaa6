package io.shoal.tracker.records;

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
     * @param bootstrapServers of Kafka
     * @param partitions of every topic
     * @param replication of every topic; -1 for the broker's default
     * @param caughtUp is run once, when all that was there at the start is known
     * @param failed is told, once, of a failure that does not pass by itself
     */
    public StateFeed(
            String bootstrapServers,
            int partitions,
            short replication,
            Torrents torrents,
            Passkeys passkeys,
            Runnable caughtUp,
            Consumer<RuntimeException> failed) {
        this.caughtUp = caughtUp;
        List<State> states = List.of(new TorrentsState(torrents), new AdmissionState(torrents, passkeys));
        this.thread = new KafkaThread(
                "state",
                KafkaThread.client(bootstrapServers, "tracker"),
                partitions,
                replication,
                (consumer, dead) -> new StateReader(consumer, dead, states, partitions).run(this::caughtUp),
                failed);
    }

    /** Begins. */
    public void start() {
        thread.start();
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
