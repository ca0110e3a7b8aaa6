package io.shoal.engine.announce;

import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Codes;
import io.shoal.engine.announce.TrackerClient.Failed;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Combines the results of one announce that is sent over several address families. The tracker works if it works over
 * any of them: the first answer is reported at once, and a later one too, because it brings other peers. A failure is
 * reported if the tracker itself refused, or once all families have failed: then the first one.
 *
 * <p>Invariant: something is reported exactly once, and after it only answers. Confined to the client's loop.
 */
final class FamilyResults {
    private final String server;
    private final SilentFamilies silent;
    private final LongSupplier clock;
    private final Consumer<AnnounceResult> done;
    private final Set<AddressFamily> pending;
    private final Set<AddressFamily> withoutAnswer = EnumSet.noneOf(AddressFamily.class);
    private @Nullable Failed failure;
    private boolean answered;
    private boolean reported;

    /**
     * @param server host and port of the tracker
     * @param families of each of which there will be one result; at least one
     * @param silent is told which of them the server did not answer over
     */
    FamilyResults(
            String server,
            Set<AddressFamily> families,
            SilentFamilies silent,
            LongSupplier clock,
            Consumer<AnnounceResult> done) {
        this.server = server;
        this.pending = EnumSet.copyOf(families);
        this.silent = silent;
        this.clock = clock;
        this.done = done;
    }

    void add(AddressFamily family, AnnounceResult result) {
        pending.remove(family);
        switch (result) {
            case Answered answer -> {
                answered = true;
                report(answer);
            }
            case Failed failed
            when failed.code().equals(Codes.FAILURE) -> {
                answered = true;
                if (!reported) {
                    report(failed);
                }
            }
            case Failed failed -> {
                withoutAnswer.add(family);
                failure = failure == null ? failed : failure;
            }
        }
        if (pending.isEmpty()) {
            completed();
        }
    }

    /** Whether the tracker has answered, over one family at least. */
    boolean isAnswered() {
        return answered;
    }

    private void completed() {
        if (answered) {
            withoutAnswer.forEach(family -> silent.add(server, family, clock.getAsLong()));
        } else {
            silent.forget(server);
        }
        if (!reported && failure != null) {
            report(failure);
        }
    }

    private void report(AnnounceResult result) {
        reported = true;
        done.accept(result);
    }
}
