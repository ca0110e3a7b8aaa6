package io.shoal.engine.announce;

import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.engine.announce.Progress.Appetite;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Failed;
import io.shoal.engine.announce.TrackerClient.Outcome;
import io.shoal.engine.net.Loop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One torrent's announces: which tracker is told what, and when.
 *
 * <p>Trackers come in tiers (BEP 12). The first tier is used; the next one when all of the first fail, or when we want peers
 * and it knows of nobody; and so on. Within a tier see {@link Tier}.
 *
 * <p>A session begins with {@link #start} and ends with {@link #stop}; every tracker hears {@code started} once in it, and one
 * that has heard it hears {@code stopped}, unless other torrents go on with the same port there. When the torrent moves to another owner the session goes on: {@link #close} tells
 * nobody, and the successor gets {@link TrackerState} handed over. Confined to the torrent's loop.
 */
public final class Announcer {
    private final Announced announced;
    private final Progress progress;
    private final TrackerClient client;
    private final Consumer<List<InetSocketAddress>> peers;
    private final Predicate<String> stays;
    private final Loop loop;
    private final RandomGenerator random;

    /** As they were given, tiers flattened. One that was given twice stands here twice. */
    private List<TrackerEntry> trackers = new ArrayList<>();

    private List<Tier> tiers = new ArrayList<>();
    private boolean running;
    private boolean completed;
    private long announces;
    private Loop.@Nullable Timer timer;

    /** URLs of the trackers that know of this session. Replaced on change. */
    private volatile Set<String> startedAt = Set.of();

    /**
     * @param tiers announce URLs
     * @param resumed what was handed over for each tracker in order, tiers flattened; may be shorter
     * @param peers takes what trackers tell; addresses are not checked
     * @param stays asked before the tracker with a URL is told {@code stopped}: whether others go on with the announced port
     *     there, so that it must not be told
     */
    public Announcer(
            Announced announced,
            List<List<String>> tiers,
            List<TrackerState.Resumed> resumed,
            Progress progress,
            TrackerClient client,
            Consumer<List<InetSocketAddress>> peers,
            Predicate<String> stays,
            Loop loop,
            RandomGenerator random) {
        this.announced = announced;
        this.progress = progress;
        this.client = client;
        this.peers = peers;
        this.stays = stays;
        this.loop = loop;
        this.random = random;
        arrange(tiers, resumed);
    }

    /**
     * Begins to announce: a new session, or one that was handed over. Who wants peers is in a hurry, because a successor begins
     * without any.
     */
    public void start() {
        running = true;
        if (progress.appetite() == Appetite.HUNGRY) {
            hurry();
        } else {
            pump();
        }
    }

    /** Everything has been downloaded. Trackers are told once in a session. */
    public void completed() {
        if (completed) {
            return;
        }
        completed = true;
        for (TrackerEntry each : trackers) {
            if (each.started || each.pending != 0) {
                each.owesCompleted = true;
                each.due = loop.nanoTime();
            }
        }
        pump();
    }

    /** There is a reason to ask before it is time, such as peers being wanted again: done as soon as trackers allow it. */
    public void hurry() {
        trackers.forEach(each -> each.hurry(loop.nanoTime()));
        pump();
    }

    /** The same for the tracker with this URL, if there is one. */
    public void hurry(String url) {
        trackers.stream().filter(each -> each.url.equals(url)).forEach(each -> each.hurry(loop.nanoTime()));
        pump();
    }

    /** Whether the tracker with this URL knows of this session. Any thread. */
    public boolean isStartedAt(String url) {
        return startedAt.contains(url);
    }

    /** Replaces the trackers. One that stays keeps its times; one that goes is told {@code stopped}. */
    public void setTrackers(List<List<String>> urls) {
        List<TrackerEntry> before = trackers;
        arrange(urls, List.of());
        for (TrackerEntry each : before) {
            if (!trackers.contains(each) && each.started) {
                each.started = false;
                each.pending = 0;
                if (!stays.test(each.url)) {
                    client.announce(each.url, request(each, AnnounceEvent.STOPPED), loop, outcome -> {});
                }
            }
        }
        pump();
    }

    /**
     * Ends the session: every tracker that has heard of it is told {@code stopped}, once.
     *
     * @param done called when all have answered or failed; perhaps at once
     */
    public void stop(Runnable done) {
        close();
        completed = false;
        List<TrackerEntry> told = new ArrayList<>();
        for (TrackerEntry each : trackers) {
            if ((each.started || each.pending != 0) && !told.contains(each)) {
                told.add(each);
            }
        }
        List<TrackerEntry> left =
                told.stream().filter(each -> stays.test(each.url)).toList();
        left.forEach(each -> each.reset(loop.nanoTime()));
        told.removeAll(left);
        int[] open = {told.size()};
        for (TrackerEntry each : told) {
            AnnounceRequest request = request(each, AnnounceEvent.STOPPED);
            each.reset(loop.nanoTime());
            client.announce(each.url, request, loop, outcome -> {
                if (--open[0] == 0) {
                    done.run();
                }
            });
        }
        if (told.isEmpty()) {
            done.run();
        }
    }

    /** Ends announcing without a word: the session goes on elsewhere. Outcomes on their way are ignored. */
    public void close() {
        running = false;
        startedAt = Set.of();
        if (timer != null) {
            timer.cancel();
        }
    }

    /** Each tracker, in the order given, tiers flattened. */
    public List<TrackerState> trackers() {
        List<TrackerState> states = new ArrayList<>(trackers.size());
        int active = activeTiers();
        for (TrackerEntry each : trackers) {
            boolean planned = running && tiers.subList(0, active).stream().anyMatch(tier -> tier.plans(each));
            states.add(new TrackerState(
                    each.url,
                    each.started,
                    planned ? epochMillis(each.due) : 0,
                    epochMillis(each.earliest),
                    each.code,
                    each.detail,
                    each.seeds,
                    each.leeches));
        }
        return states;
    }

    private void arrange(List<List<String>> urls, List<TrackerState.Resumed> resumed) {
        Map<String, TrackerEntry> known = new HashMap<>();
        trackers.forEach(each -> known.put(each.url, each));
        List<TrackerEntry> flat = new ArrayList<>();
        List<Tier> arranged = new ArrayList<>();
        long now = loop.nanoTime();
        for (List<String> tier : urls) {
            List<TrackerEntry> members = new ArrayList<>();
            for (String url : tier) {
                TrackerEntry entry = known.computeIfAbsent(url, u -> new TrackerEntry(u, now));
                if (!flat.contains(entry)) {
                    if (flat.size() < resumed.size()) {
                        entry.resume(resumed.get(flat.size()), now, loop.epochMillis());
                    }
                    members.add(entry);
                }
                flat.add(entry);
            }
            if (!members.isEmpty()) {
                Collections.shuffle(members, random);
                arranged.add(new Tier(members));
            }
        }
        trackers = flat;
        tiers = arranged;
    }

    /** How many tiers are in use, from the first on. */
    private int activeTiers() {
        int active = 0;
        boolean hungry = progress.appetite() == Appetite.HUNGRY;
        while (active < tiers.size() && (active == 0 || tiers.get(active - 1).leavesToNext(hungry))) {
            active++;
        }
        return active;
    }

    /** Asks whoever is due, and sets the timer for the next. */
    private void pump() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        if (!running) {
            return;
        }
        noteStarted();
        long now = loop.nanoTime();
        long due = Long.MAX_VALUE;
        for (Tier tier : List.copyOf(tiers.subList(0, activeTiers()))) {
            TrackerEntry next = tier.next(now);
            if (next != null) {
                ask(next);
            }
            due = Math.min(due, tier.due());
        }
        if (due != Long.MAX_VALUE) {
            timer = loop.schedule(Duration.ofNanos(Math.max(0, due - now)), this::pump);
        }
    }

    private void noteStarted() {
        Set<String> now = trackers.stream()
                .filter(each -> each.started)
                .map(each -> each.url)
                .collect(Collectors.toUnmodifiableSet());
        if (!now.equals(startedAt)) {
            startedAt = now;
        }
    }

    private void ask(TrackerEntry tracker) {
        AnnounceEvent event = tracker.event(progress.partialSeed());
        long number = ++announces;
        tracker.pending = number;
        client.announce(tracker.url, request(tracker, event), loop, outcome -> {
            if (running && tracker.pending == number) {
                tracker.pending = 0;
                heard(tracker, event, outcome);
            }
        });
    }

    private void heard(TrackerEntry tracker, AnnounceEvent event, Outcome outcome) {
        switch (outcome) {
            case Answered(var reply) -> {
                tracker.answered(event, reply, loop.nanoTime(), random);
                tiers.forEach(tier -> tier.answered(tracker));
                if (!reply.peers().isEmpty()) {
                    peers.accept(reply.peers());
                }
            }
            case Failed failure -> {
                tracker.failed(failure, loop.nanoTime(), random);
                tiers.forEach(tier -> tier.failed(tracker));
            }
        }
        pump();
    }

    private AnnounceRequest request(TrackerEntry tracker, AnnounceEvent event) {
        return new AnnounceRequest(
                announced.infoHash(),
                announced.peerId(),
                announced.key(),
                announced.port(),
                progress.uploaded(),
                progress.downloaded(),
                progress.left(),
                event,
                event == AnnounceEvent.STOPPED ? 0 : progress.appetite().peers(),
                announced.address(),
                tracker.trackerId);
    }

    private long epochMillis(long nanoTime) {
        return loop.epochMillis() + Duration.ofNanos(nanoTime - loop.nanoTime()).toMillis();
    }
}
