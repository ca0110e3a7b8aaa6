package io.shoal.intake.events;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.intake.access.Credentials;
import io.shoal.intake.changes.ChangePosition;
import io.shoal.intake.changes.LibraryChanges;
import io.shoal.intake.events.LibraryDocuments.Document;
import io.shoal.intake.loops.Loops;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads for all live streams of this replica what has happened: one query for the changes of all libraries, and one set of queries for
 * the documents of what has changed, whatever the number of clients. A library that cannot
 * be read holds up no other one. Used by one thread.
 */
@ApplicationScoped
class ChangeFollower {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeFollower.class);

    /** Libraries of which it is read in one turn what the fleet works on, so that new ones do not delay changes. */
    private static final int RUNNING = 10;

    /** Libraries that one query looks at. */
    private static final int LIBRARIES = 500;

    /** Changes of a library that are read at once: no library delays the others by more. */
    private static final int CHANGES = 100;

    /** Documents that are read at once. */
    private static final int DOCUMENTS = 500;

    private final FollowedLibraries libraries;
    private final LibraryChanges changes;
    private final LibraryDocuments documents;
    private final RunningTransfers running;
    private final EventFrames frames;
    private final Credentials credentials;
    private final EventMeters meters;
    private final Loops loops;

    /** The libraries that have failed when the database was there, and have not succeeded since. */
    private final Map<FollowedLibrary, OutageLog> failing = new HashMap<>();

    private final OutageLog runningOutage = new OutageLog(LOG, "what the fleet works on, for event streams");

    ChangeFollower(
            FollowedLibraries libraries,
            LibraryChanges changes,
            LibraryDocuments documents,
            RunningTransfers running,
            EventFrames frames,
            Credentials credentials,
            EventMeters meters,
            Loops loops) {
        this.libraries = libraries;
        this.changes = changes;
        this.documents = documents;
        this.running = running;
        this.frames = frames;
        this.credentials = credentials;
        this.meters = meters;
        this.loops = loops;
    }

    /** A library, the position that its live streams have reached, and what has happened since. */
    private record Followed(FollowedLibrary library, ChangePosition since, LibraryChanges.Page page) {}

    /**
     * Sends what has changed since the last time; returns whether there is more. A library that fails is read by itself until that succeeds,
     * and the others go on. Throws what the database throws when it is away.
     */
    boolean follow() {
        List<FollowedLibrary> all = List.copyOf(libraries.all());
        failing.keySet().retainAll(Set.copyOf(all));
        List<FollowedLibrary> together =
                all.stream().filter(library -> !failing.containsKey(library)).toList();
        boolean more = false;
        for (int first = 0; first < together.size(); first += LIBRARIES) {
            more |= followTogether(together.subList(first, Math.min(together.size(), first + LIBRARIES)));
        }
        for (FollowedLibrary library : List.copyOf(failing.keySet())) {
            more |= followAlone(library);
        }
        readRunning(all);
        return more;
    }

    private boolean followTogether(List<FollowedLibrary> some) {
        try {
            return follow(some);
        } catch (RuntimeException e) {
            checkDatabase(some, e);
            LOG.debug("changes of {} libraries could not be sent together", some.size(), e);
        }
        boolean more = false;
        for (FollowedLibrary library : some) {
            more |= followAlone(library);
        }
        return more;
    }

    /** Follows one library; returns whether there is more, which there is not if it fails: it is tried again in the next turn. */
    private boolean followAlone(FollowedLibrary library) {
        try {
            boolean more = follow(List.of(library));
            OutageLog outage = failing.remove(library);
            if (outage != null) {
                outage.succeeded();
            }
            return more;
        } catch (RuntimeException e) {
            checkDatabase(List.of(library), e);
            meters.failed();
            failing.computeIfAbsent(
                            library, failed -> new OutageLog(LOG, "changes of the library of " + failed.tenant()))
                    .failed(e);
            return false;
        }
    }

    /** Throws if the failure is no library's own, because the database is away. */
    private void checkDatabase(List<FollowedLibrary> some, RuntimeException failure) {
        try {
            QuarkusTransaction.requiringNew()
                    .call(() -> changes.current(some.getFirst().tenant()));
        } catch (RuntimeException e) {
            e.addSuppressed(failure);
            throw e;
        }
    }

    private boolean follow(List<FollowedLibrary> some) {
        loops.eventChanges().turned();
        Map<FollowedLibrary, ChangePosition> live = new LinkedHashMap<>();
        for (FollowedLibrary library : some) {
            library.position().ifPresent(position -> live.put(library, position));
        }
        if (live.isEmpty()) {
            return false;
        }
        List<FollowedLibrary> followed = List.copyOf(live.keySet());
        List<ChangePosition> positions = List.copyOf(live.values());
        List<LibraryChanges.Page> pages =
                QuarkusTransaction.requiringNew().call(() -> changes.sinceEach(positions, CHANGES));
        boolean more = false;
        List<Followed> batch = new ArrayList<>();
        int changed = 0;
        for (int i = 0; i < followed.size(); i++) {
            Followed one = new Followed(followed.get(i), positions.get(i), pages.get(i));
            more |= one.page.more();
            batch.add(one);
            changed += one.page.changed().size();
            if (changed > DOCUMENTS - CHANGES) {
                send(batch);
                batch.clear();
                changed = 0;
            }
        }
        send(batch);
        return more;
    }

    private void send(List<Followed> batch) {
        List<UUID> changed =
                batch.stream().flatMap(each -> each.page.changed().stream()).toList();
        Map<UUID, Document> found =
                changed.isEmpty() ? Map.of() : new HashMap<>(FollowedLibrary.byId(documents.all(changed)));
        batch.forEach(each -> each.library.send(each.since, each.page, found, frames, changes::text));
    }

    private void readRunning(List<FollowedLibrary> all) {
        List<FollowedLibrary> lacking = new ArrayList<>(all.stream()
                .filter(library -> library.lacksRunning().isPresent())
                .toList());
        Collections.shuffle(lacking); // those that fail do not keep others waiting
        boolean succeeded = true;
        for (FollowedLibrary library : lacking.subList(0, Math.min(lacking.size(), RUNNING))) {
            loops.eventChanges().turned();
            try {
                readRunning(library);
            } catch (RuntimeException e) {
                checkDatabase(List.of(library), e);
                meters.failed();
                runningOutage.failed(e);
                succeeded = false;
            }
        }
        if (succeeded) {
            runningOutage.succeeded();
        }
    }

    private void readRunning(FollowedLibrary library) {
        library.lacksRunning()
                .ifPresent(at -> library.know(
                        at,
                        QuarkusTransaction.requiringNew()
                                .call(() -> running.of(library.tenant(), FollowedLibrary.mostRunning()))));
    }

    /** Ends the streams whose keys or sessions are not valid any more: two queries for all of them. */
    void checkKeys() {
        List<LibraryStream> streams = libraries.streams();
        var ended =
                credentials.ended(streams.stream().map(LibraryStream::caller).toList());
        for (LibraryStream stream : streams) {
            if (ended.contains(stream.caller()) && libraries.close(stream)) {
                meters.closedKey();
            }
        }
    }
}
