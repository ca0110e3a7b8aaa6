package io.shoal.intake.events;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.contracts.loops.OutageLog;
import io.shoal.intake.changes.ChangePosition;
import io.shoal.intake.changes.LibraryChanges;
import io.shoal.intake.events.LibraryDocuments.Document;
import io.shoal.intake.events.LibraryStream.Phase;
import io.shoal.intake.progress.StatusBoard;
import io.shoal.intake.transfers.VisibleLibrary;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings streams to where they are live, a page at a time: the next one is read when the client has taken the last one. Streams take
 * turns, a few at a time, so that many clients that come back at once do not take all connections to the database.
 */
@ApplicationScoped
class StreamLoader {
    private static final Logger LOG = LoggerFactory.getLogger(StreamLoader.class);

    /** Transfers of a page of the library. */
    static final int PAGE = 500;

    /** Changes that are caught up with at once. */
    private static final int CHANGES = 100;

    private static final int AT_ONCE = 4;

    private final LibraryChanges changes;
    private final LibraryDocuments documents;
    private final EventFrames frames;
    private final StatusBoard board;
    private final EventMeters meters;
    private final OutageLog outage = new OutageLog(LOG, "what new event streams begin with");
    private final ExecutorService turns = Executors.newFixedThreadPool(
            AT_ONCE, Thread.ofVirtual().name("event-pages-", 0).factory());

    StreamLoader(
            LibraryChanges changes,
            LibraryDocuments documents,
            EventFrames frames,
            StatusBoard board,
            EventMeters meters) {
        this.changes = changes;
        this.documents = documents;
        this.frames = frames;
        this.board = board;
        this.meters = meters;
    }

    @PreDestroy
    void end() {
        turns.shutdown(); // no interrupt: that would cut connections to the database
    }

    /** Reads and sends the next page of a stream, if it is its turn. Does nothing when it is live, or its client has to read first. */
    void advance(LibraryStream stream) {
        if (!turns.isShutdown() && stream.mayAdvance()) {
            turns.execute(() -> {
                boolean succeeded = false;
                try {
                    succeeded = tryAdvance(stream);
                } finally {
                    stream.advanced();
                }
                if (succeeded) {
                    advance(stream);
                }
            });
        }
    }

    private boolean tryAdvance(LibraryStream stream) {
        try {
            step(stream);
            note(null);
            return true;
        } catch (RuntimeException e) { // most likely the database is away: it is tried again in a second
            note(e);
            return false;
        }
    }

    private synchronized void note(@Nullable RuntimeException failure) {
        if (failure == null) {
            outage.succeeded();
        } else {
            meters.failed();
            outage.failed(failure);
        }
    }

    private void step(LibraryStream stream) {
        UUID tenant = stream.library().tenant();
        switch (stream.phase()) {
            case Phase.Starting(String since) ->
                changes.position(tenant, since)
                        .ifPresentOrElse(
                                position -> stream.become(new Phase.CatchingUp(position)),
                                () -> list(stream, since != null));
            case Phase.Restarting() -> list(stream, true);
            case Phase.Listing listing -> sendPage(stream, listing);
            case Phase.CatchingUp(ChangePosition since) -> sendChanges(stream, since);
            case Phase.Live() -> {}
        }
    }

    /** Begins with the whole library. The position is taken first: what changes while the library is sent is sent again. */
    private void list(LibraryStream stream, boolean tell) {
        ChangePosition now = QuarkusTransaction.requiringNew()
                .call(() -> changes.current(stream.library().tenant()));
        if (tell) {
            stream.send(frames.reset());
        }
        stream.become(new Phase.Listing(now, null));
    }

    private void sendPage(LibraryStream stream, Phase.Listing listing) {
        FollowedLibrary library = stream.library();
        LibraryDocuments.Page page =
                documents.page(new VisibleLibrary(library.tenant(), stream.label()), listing.after(), PAGE);
        boolean isLast = page.next() == null;
        library.noteUnfinished(page.documents(), board);
        stream.send(
                frames.snapshot(page.documents(), stream.label(), isLast ? changes.text(listing.position()) : null));
        stream.become(
                isLast ? new Phase.CatchingUp(listing.position()) : new Phase.Listing(listing.position(), page.next()));
    }

    private void sendChanges(LibraryStream stream, ChangePosition since) {
        LibraryChanges.Page page =
                QuarkusTransaction.requiringNew().call(() -> changes.since(since, stream.label(), CHANGES));
        if (page.reset()) {
            stream.become(new Phase.Restarting());
            return;
        }
        List<UUID> removed = page.removedFor(stream.label());
        List<Document> changed = documents(stream, page.changed());
        if (!removed.isEmpty() || !changed.isEmpty()) {
            stream.library().noteUnfinished(changed, board);
            stream.send(frames.changes(removed, changed, stream.label(), changes.text(page.next())));
        }
        if (page.more() || !stream.library().join(stream, page.next())) {
            stream.become(new Phase.CatchingUp(page.next()));
        }
    }

    /** Returns the documents of those that the stream shows, in this order. */
    private List<Document> documents(LibraryStream stream, List<UUID> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        Map<UUID, Document> found = FollowedLibrary.byId(documents.all(ids));
        return ids.stream()
                .map(found::get)
                .filter(Objects::nonNull)
                .filter(document -> document.isFor(stream.label()))
                .toList();
    }
}
