package io.shoal.intake.events;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.intake.access.Credentials;
import io.shoal.intake.changes.ChangePosition;
import io.shoal.intake.changes.LibraryChanges;
import io.shoal.intake.events.LibraryDocuments.Document;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Reads for all live streams of this replica what has happened: one query for the changes of all libraries, and one set of queries for
 * the documents of what has changed, whatever the number of clients. Used by one thread.
 */
@ApplicationScoped
class ChangeFollower {
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

    ChangeFollower(
            FollowedLibraries libraries,
            LibraryChanges changes,
            LibraryDocuments documents,
            RunningTransfers running,
            EventFrames frames,
            Credentials credentials,
            EventMeters meters) {
        this.libraries = libraries;
        this.changes = changes;
        this.documents = documents;
        this.running = running;
        this.frames = frames;
        this.credentials = credentials;
        this.meters = meters;
    }

    /** A library, the position that its live streams have reached, and what has happened since. */
    private record Followed(FollowedLibrary library, ChangePosition since, LibraryChanges.Page page) {}

    /** Sends what has changed since the last time; returns whether there is more. */
    boolean follow() {
        Map<FollowedLibrary, ChangePosition> live = new LinkedHashMap<>();
        for (FollowedLibrary library : libraries.all()) {
            library.position().ifPresent(position -> live.put(library, position));
        }
        boolean more = false;
        List<FollowedLibrary> all = List.copyOf(live.keySet());
        for (int first = 0; first < all.size(); first += LIBRARIES) {
            more |= follow(all.subList(first, Math.min(all.size(), first + LIBRARIES)), live);
        }
        all.forEach(this::readRunning);
        return more;
    }

    private boolean follow(List<FollowedLibrary> some, Map<FollowedLibrary, ChangePosition> live) {
        List<ChangePosition> positions = some.stream().map(live::get).toList();
        List<LibraryChanges.Page> pages =
                QuarkusTransaction.requiringNew().call(() -> changes.sinceEach(positions, CHANGES));
        boolean more = false;
        List<Followed> batch = new ArrayList<>();
        int changed = 0;
        for (int i = 0; i < some.size(); i++) {
            Followed followed = new Followed(some.get(i), positions.get(i), pages.get(i));
            more |= followed.page.more();
            batch.add(followed);
            changed += followed.page.changed().size();
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
