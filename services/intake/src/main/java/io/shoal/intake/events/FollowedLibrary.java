package io.shoal.intake.events;

import io.shoal.intake.changes.Change;
import io.shoal.intake.changes.ChangePosition;
import io.shoal.intake.changes.LibraryChanges;
import io.shoal.intake.events.LibraryDocuments.Document;
import io.shoal.intake.progress.StatusBoard;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A library that clients follow at this replica. Each thing that happens is encoded once and sent to all live streams, once for each
 * label that streams are bound to.
 *
 * <p>Invariant: each live stream was sent all changes up to {@code position}, or will be without a query of its own: a stream becomes
 * live only at that position or after it, and one that is left out because it lags behind is live no more. The position stays while no
 * stream is live, so that clients that lag behind do not make the library be read again each time.
 */
final class FollowedLibrary {
    /** Transfers whose figures are followed. */
    private static final int MOST_RUNNING = 20_000;

    private final UUID tenant;
    private final HeldBytes held;
    private final Set<LibraryStream> streams = new HashSet<>();
    private final Set<LibraryStream> live = new HashSet<>();
    private final Map<UUID, Running> running = new HashMap<>();
    private boolean isRunningKnown;
    private @Nullable ChangePosition position;

    /** A transfer whose figures are followed, and those that were sent last. */
    private static final class Running {
        RunningTransfer transfer;
        TransferProgress sent;
        boolean wasReported;

        Running(RunningTransfer transfer) {
            this.transfer = transfer;
            this.sent = TransferProgress.none(transfer.id());
        }
    }

    FollowedLibrary(UUID tenant, HeldBytes held) {
        this.tenant = tenant;
        this.held = held;
    }

    static int mostRunning() {
        return MOST_RUNNING;
    }

    UUID tenant() {
        return tenant;
    }

    HeldBytes held() {
        return held;
    }

    synchronized void add(LibraryStream stream) {
        streams.add(stream);
    }

    /** Removes a stream; returns whether none is left. */
    synchronized boolean remove(LibraryStream stream) {
        streams.remove(stream);
        live.remove(stream);
        return streams.isEmpty();
    }

    synchronized List<LibraryStream> streams() {
        return List.copyOf(streams);
    }

    /** Returns the position up to which changes were sent; empty before a stream is live for the first time, and after a reset. */
    synchronized Optional<ChangePosition> position() {
        return Optional.ofNullable(position);
    }

    /** Makes a stream live that was sent all changes up to {@code at}; returns whether that was possible. */
    synchronized boolean join(LibraryStream stream, ChangePosition at) {
        if (position != null && at.isBefore(position)) {
            return false;
        }
        if (streams.contains(stream)) {
            position = position == null ? at : position;
            stream.lackFigures(true);
            stream.become(new LibraryStream.Phase.Live());
            live.add(stream);
        }
        return true;
    }

    /** Returns the position at which it must be read what the fleet works on; empty if that is known, or there is no position. */
    synchronized Optional<ChangePosition> lacksRunning() {
        return isRunningKnown ? Optional.empty() : Optional.ofNullable(position);
    }

    /** Sets what the fleet works on, as read after {@link #lacksRunning} has returned {@code at}. */
    synchronized void know(ChangePosition at, Collection<RunningTransfer> all) {
        if (at.equals(position) && !isRunningKnown) {
            isRunningKnown = true;
            running.values().removeIf(each -> each.transfer.isWorkedOn());
            all.forEach(transfer -> running.put(transfer.id(), new Running(transfer)));
        }
    }

    /**
     * Sends changes to the live streams: nothing if something of it cannot be made.
     *
     * @param since the position that {@link #position} has returned, after which they are
     * @param documents of the changed transfers that exist
     * @param id the text of the position after the changes
     */
    synchronized void send(
            ChangePosition since,
            LibraryChanges.Page page,
            Map<UUID, Document> documents,
            EventFrames frames,
            Function<ChangePosition, String> id) {
        if (!since.equals(position)) {
            return; // other streams are live by now
        }
        if (page.reset()) {
            live.forEach(stream -> stream.become(new LibraryStream.Phase.Restarting()));
            live.clear();
            position = null;
            isRunningKnown = false;
            return;
        }
        if (!page.changes().isEmpty()) {
            note(page.changes(), documents);
            List<LibraryStream> lagging =
                    live.stream().filter(LibraryStream::isLagging).toList();
            List<LibraryStream> following =
                    live.stream().filter(stream -> !lagging.contains(stream)).toList();
            Map<Optional<String>, Optional<Frame>> byLabel = new HashMap<>();
            Map<LibraryStream, Frame> sent = new HashMap<>();
            following.forEach(stream -> byLabel.computeIfAbsent(
                            Optional.ofNullable(stream.label()),
                            label -> frame(page, documents, label.orElse(null), frames, id))
                    .ifPresent(frame -> sent.put(stream, frame)));
            live.removeAll(Set.copyOf(lagging));
            lagging.forEach(stream -> stream.become(new LibraryStream.Phase.CatchingUp(since)));
            sent.forEach((stream, frame) -> stream.response().send(frame));
        }
        position = page.next();
    }

    private Optional<Frame> frame(
            LibraryChanges.Page page,
            Map<UUID, Document> documents,
            @Nullable String label,
            EventFrames frames,
            Function<ChangePosition, String> id) {
        List<Document> changed = page.changed().stream()
                .map(documents::get)
                .filter(Objects::nonNull)
                .filter(document -> document.isFor(label))
                .toList();
        Set<UUID> there = changed.stream()
                .map(document -> document.transfer().id())
                .collect(Collectors.toSet()); // some have lost the label and have it again
        List<UUID> removed = page.removedFor(label).stream()
                .filter(transfer -> !there.contains(transfer))
                .toList();
        return removed.isEmpty() && changed.isEmpty()
                ? Optional.empty()
                : Optional.of(new Frame(frames.changes(removed, changed, label, id.apply(page.next())), held));
    }

    /** Follows the figures of those of these transfers that a worker has not let go yet. */
    synchronized void noteUnfinished(Collection<Document> documents, StatusBoard board) {
        for (Document document : documents) {
            RunningTransfer transfer = RunningTransfer.of(document.transfer(), document.torrent());
            if (!transfer.isWorkedOn() && !transfer.progress(board).isAtRest() && running.size() < MOST_RUNNING) {
                running.putIfAbsent(transfer.id(), new Running(transfer));
            }
        }
    }

    /** Follows the figures of what the fleet works on now. */
    private void note(List<Change> changes, Map<UUID, Document> documents) {
        for (Change change : changes) {
            Document document = documents.get(change.transfer());
            if (document == null) {
                running.remove(change.transfer());
                continue;
            }
            RunningTransfer transfer = RunningTransfer.of(document.transfer(), document.torrent());
            Running known = running.get(transfer.id());
            if (known != null) {
                known.transfer = transfer;
            } else if (running.size() < MOST_RUNNING) {
                running.put(transfer.id(), new Running(transfer));
            }
        }
    }

    /** Sends to the live streams the figures that have changed; all of them to a stream that was left out since. */
    synchronized void sendFigures(StatusBoard board, EventFrames frames) {
        if (live.isEmpty() || !isRunningKnown) {
            return;
        }
        Set<UUID> changed = lookAtFigures(board);
        Map<Optional<String>, Optional<Frame>> byLabel = new HashMap<>();
        Map<Optional<String>, Optional<Frame>> allByLabel = new HashMap<>();
        for (LibraryStream stream : live) {
            if (stream.isLagging()) {
                stream.lackFigures(true);
                continue;
            }
            (stream.lacksFigures() ? allByLabel : byLabel)
                    .computeIfAbsent(
                            Optional.ofNullable(stream.label()),
                            label -> figures(
                                    stream.lacksFigures() ? running.keySet() : changed, label.orElse(null), frames))
                    .ifPresent(stream.response()::send);
            stream.lackFigures(false);
        }
        running.values().removeIf(each -> !each.transfer.isWorkedOn() && each.sent.isAtRest());
    }

    /** Returns the transfers whose figures are not those that were sent last. */
    private Set<UUID> lookAtFigures(StatusBoard board) {
        Set<UUID> changed = new HashSet<>();
        for (Running each : running.values()) {
            TransferProgress now = each.transfer.progress(board);
            if (!now.equals(each.sent)) {
                if (each.transfer.isWorkedOn() || !each.sent.isAtRest() || !now.isAtRest()) {
                    changed.add(each.transfer.id());
                }
                each.sent = now;
                each.wasReported = true;
            }
        }
        return changed;
    }

    private Optional<Frame> figures(Set<UUID> transfers, @Nullable String label, EventFrames frames) {
        List<TransferProgress> figures = new ArrayList<>();
        for (UUID transfer : transfers) {
            Running each = running.get(transfer);
            if (each != null
                    && each.wasReported
                    && (label == null || each.transfer.labels().contains(label))) {
                figures.add(each.sent);
            }
        }
        return figures.isEmpty() ? Optional.empty() : Optional.of(new Frame(frames.progress(figures), held));
    }

    /** Sends a heartbeat to each stream whose client has read everything. */
    synchronized void beat(EventFrames frames, Function<ChangePosition, String> id) {
        Frame bare = new Frame(frames.heartbeat(null), held);
        Frame noted = position == null ? bare : new Frame(frames.heartbeat(id.apply(position)), held);
        for (LibraryStream stream : streams) {
            if (stream.response().pending() == 0) {
                stream.response().send(live.contains(stream) ? noted : bare);
            }
        }
    }

    /** Returns the documents by the ids of their transfers. */
    static Map<UUID, Document> byId(Collection<Document> documents) {
        return documents.stream()
                .collect(Collectors.toMap(each -> each.transfer().id(), Function.identity()));
    }
}
