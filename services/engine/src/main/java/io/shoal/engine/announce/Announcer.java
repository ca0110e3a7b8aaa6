package io.shoal.engine.announce;

import io.shoal.bittorrent.announce.AnnounceEvent;
import io.shoal.bittorrent.announce.AnnounceReply;
import io.shoal.bittorrent.announce.AnnounceRequest;
import io.shoal.engine.announce.AnnounceProgress.PeerDemand;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Failed;
import io.shoal.engine.net.Loop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One torrent's announces: which tracker receives which event, and when.
 *
 * <p>Trackers come in tiers (BEP 12). The first tier is used; the next one when all of the first fail, or when peers
 * are wanted and the first knows none; and so on. Within a tier see {@link Tier}.
 *
 * <p>A session begins with {@link #start} and ends with {@link #stop}. Each tracker receives {@code started} once in
 * it; one that has received it also receives {@code stopped}, unless other torrents keep the same port announced there.
 * When the torrent moves to another owner the session continues: {@link #close} announces nothing, and the successor
 * gets the {@link TrackerState}. Confined to the torrent's loop.
 */
public final class Announcer {
    private final AnnounceIdentity identity;
    private final AnnounceProgress progress;
    private final TrackerClient client;
    private final BiConsumer<String, List<InetSocketAddress>> peers;
    private final Predicate<String> isPortKept;
    private final Loop loop;
    private final RandomGenerator random;

    /** In the order given, tiers flattened. A tracker that was given twice is listed twice. */
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
     * @param resumed the state carried over for each tracker in order, tiers flattened; may be shorter
     * @param peers receives the peers that a tracker, named by its URL, returns; addresses are not checked
     * @param isPortKept tested before {@code stopped} is announced to a URL: whether other torrents keep the port
     *     announced there, so that {@code stopped} must not be sent
     */
    public Announcer(
            AnnounceIdentity identity,
            List<List<String>> tiers,
            List<TrackerState.Resumed> resumed,
            AnnounceProgress progress,
            TrackerClient client,
            BiConsumer<String, List<InetSocketAddress>> peers,
            Predicate<String> isPortKept,
            Loop loop,
            RandomGenerator random) {
        this.identity = identity;
        this.progress = progress;
        this.client = client;
        this.peers = peers;
        this.isPortKept = isPortKept;
        this.loop = loop;
        this.random = random;
        arrange(tiers, resumed);
    }

    /**
     * Starts to announce: a new session, or one that was carried over. A torrent that wants peers announces as soon as
     * allowed, because a successor starts without any.
     */
    public void start() {
        running = true;
        if (progress.peerDemand() == PeerDemand.MANY) {
            announceSoon();
        } else {
            announceDue();
        }
    }

    /** The download is complete. Trackers are notified once in a session. */
    public void completed() {
        if (completed) {
            return;
        }
        completed = true;
        for (TrackerEntry each : trackers) {
            if (each.started || each.pending != 0) {
                each.completedPending = true;
                each.due = loop.nanoTime();
            }
        }
        announceDue();
    }

    /** Announces before the planned time, as soon as trackers allow it: for example when peers are wanted again. */
    public void announceSoon() {
        trackers.forEach(each -> each.announceSoon(loop.nanoTime()));
        announceDue();
    }

    /** The same for the tracker with this URL, if there is one. */
    public void announceSoon(String url) {
        trackers.stream().filter(each -> each.url.equals(url)).forEach(each -> each.announceSoon(loop.nanoTime()));
        announceDue();
    }

    /** A person asks for an announce: it is sent to the trackers in use as soon as each of them allows it. */
    public void announceOnRequest() {
        trackers.forEach(each -> each.announceOnRequest(loop.nanoTime()));
        announceDue();
    }

    /** Whether the tracker with this URL knows of this session. Any thread. */
    public boolean isStartedAt(String url) {
        return startedAt.contains(url);
    }

    /**
     * Replaces the trackers. A tracker that stays keeps its times; {@code stopped} is announced to one that is removed.
     */
    public void setTrackers(List<List<String>> urls) {
        List<TrackerEntry> before = trackers;
        arrange(urls, List.of());
        for (TrackerEntry each : before) {
            if (!trackers.contains(each) && each.started) {
                each.started = false;
                each.pending = 0;
                each.latest = 0;
                if (!isPortKept.test(each.url)) {
                    client.announce(each.url, request(each, AnnounceEvent.STOPPED), loop, outcome -> {});
                }
            }
        }
        announceDue();
    }

    /**
     * Ends the session: {@code stopped} is announced once to each tracker that knows of it.
     *
     * @param done called when all have answered or failed; perhaps before this returns
     */
    public void stop(Runnable done) {
        close();
        completed = false;
        List<TrackerEntry> stopping = new ArrayList<>();
        for (TrackerEntry each : trackers) {
            if ((each.started || each.pending != 0) && !stopping.contains(each)) {
                stopping.add(each);
            }
        }
        List<TrackerEntry> kept =
                stopping.stream().filter(each -> isPortKept.test(each.url)).toList();
        kept.forEach(each -> each.reset(loop.nanoTime()));
        stopping.removeAll(kept);
        Set<TrackerEntry> open = new HashSet<>(stopping);
        for (TrackerEntry each : stopping) {
            AnnounceRequest request = request(each, AnnounceEvent.STOPPED);
            each.reset(loop.nanoTime());
            client.announce(each.url, request, loop, outcome -> {
                if (open.remove(each) && open.isEmpty()) {
                    done.run();
                }
            });
        }
        if (stopping.isEmpty()) {
            done.run();
        }
    }

    /** Ends announcing without an announce: the session continues elsewhere. Results that arrive later are ignored. */
    public void close() {
        running = false;
        startedAt = Set.of();
        if (timer != null) {
            timer.cancel();
        }
    }

    /** Returns each tracker, in the order given, tiers flattened. */
    public List<TrackerState> trackers() {
        List<TrackerState> states = new ArrayList<>(trackers.size());
        int active = activeTiers(loop.nanoTime());
        for (TrackerEntry each : trackers) {
            boolean planned = running && tiers.subList(0, active).stream().anyMatch(tier -> tier.isScheduled(each));
            states.add(new TrackerState(
                    each.url,
                    each.started,
                    planned ? epochMillis(each.due) : 0,
                    epochMillis(each.earliest),
                    each.code,
                    each.detail,
                    each.seeds,
                    each.leeches,
                    each.peers,
                    each.askedAtMillis));
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

    /** Returns how many tiers are in use, from the first on. */
    private int activeTiers(long now) {
        int active = 0;
        boolean needsPeers = progress.peerDemand() == PeerDemand.MANY;
        while (active < tiers.size()
                && (active == 0 || tiers.get(active - 1).needsNextTier(now, needsPeers, progress.isIsolated()))) {
            active++;
        }
        return active;
    }

    /** Announces where it is due, and sets the timer for the next announce. */
    private void announceDue() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        if (!running) {
            return;
        }
        updateStartedAt();
        long now = loop.nanoTime();
        long due = Long.MAX_VALUE;
        boolean isolated = progress.isIsolated();
        for (Tier tier : List.copyOf(tiers.subList(0, activeTiers(now)))) {
            TrackerEntry next = tier.next(now, isolated);
            if (next != null) {
                announce(next);
            }
            due = Math.min(due, tier.due(now, isolated));
        }
        if (due != Long.MAX_VALUE) {
            timer = loop.schedule(Duration.ofNanos(Math.max(0, due - now)), this::announceDue);
        }
    }

    private void updateStartedAt() {
        Set<String> now = trackers.stream()
                .filter(each -> each.started)
                .map(each -> each.url)
                .collect(Collectors.toUnmodifiableSet());
        if (!now.equals(startedAt)) {
            startedAt = now;
        }
    }

    private void announce(TrackerEntry tracker) {
        AnnounceEvent event = tracker.event(progress.isPartialSeed());
        long number = ++announces;
        tracker.pending = number;
        tracker.latest = number;
        tracker.askedAt = loop.nanoTime();
        tracker.askedAtMillis = loop.epochMillis();
        client.announce(tracker.url, request(tracker, event), loop, outcome -> {
            if (running && tracker.pending == number) {
                tracker.pending = 0;
                handle(tracker, event, outcome);
            } else if (running && tracker.latest == number && outcome instanceof Answered(var reply)) {
                answeredOverOtherFamily(tracker, event, reply);
            }
        });
    }

    /** The tracker has answered over its second address family. */
    private void answeredOverOtherFamily(TrackerEntry tracker, AnnounceEvent event, AnnounceReply reply) {
        if (tracker.isFailing()) {
            handle(tracker, event, new Answered(reply)); // it refused over the first
            return;
        }
        tracker.answeredAgain(reply, loop.nanoTime());
        if (!reply.peers().isEmpty()) {
            peers.accept(tracker.url, reply.peers());
        }
        announceDue();
    }

    private void handle(TrackerEntry tracker, AnnounceEvent event, AnnounceResult outcome) {
        switch (outcome) {
            case Answered(var reply) -> {
                tracker.answered(event, reply, loop.nanoTime(), random);
                tiers.forEach(tier -> tier.answered(tracker));
                if (!reply.peers().isEmpty()) {
                    peers.accept(tracker.url, reply.peers());
                }
            }
            case Failed failure -> {
                tracker.failed(failure, loop.nanoTime(), random);
                tiers.forEach(tier -> tier.failed(tracker));
            }
        }
        announceDue();
    }

    private AnnounceRequest request(TrackerEntry tracker, AnnounceEvent event) {
        return new AnnounceRequest(
                identity.infoHash(),
                identity.peerId(),
                identity.key(),
                identity.port(),
                progress.uploaded(),
                progress.downloaded(),
                progress.left(),
                event,
                event == AnnounceEvent.STOPPED ? 0 : progress.peerDemand().peers(),
                identity.address(),
                tracker.trackerId);
    }

    private long epochMillis(long nanoTime) {
        return loop.epochMillis() + Duration.ofNanos(nanoTime - loop.nanoTime()).toMillis();
    }
}
