package io.shoal.intake.api;

import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.contracts.records.StatusRecord.Tracker;
import io.shoal.contracts.records.StatusRecord.Tracker.Figures;
import io.shoal.intake.torrents.Sources;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A transfer's own trackers and web seeds. URLs carry passkeys: a caller that may not change them sees hosts only, and trackers that other
 * transfers of a shared torrent brought are never among them.
 */
@Schema(name = "Trackers")
record TrackersView(
        @Schema(description = "In the order of their tiers") List<TrackerView> trackers, List<WebSeedView> webSeeds) {
    private static final String OK = "ok";
    private static final String WAITING = "waiting";

    @Schema(name = "TrackerState")
    enum State {
        WORKING,
        UPDATING,
        NOT_CONTACTED,
        FAILING
    }

    @Schema(name = "Tracker")
    record TrackerView(
            @Schema(nullable = true, description = "Null if the key lacks the scope write: it may be a secret")
            @Nullable
            String url,

            @Schema(description = "Scheme, host and port", examples = "udp://tracker.example:6969")
            String host,

            @Schema(description = "From 0: those of the first tier are used as long as one of them works")
            int tier,

            @Schema(
                    description = "not-contacted: no answer, because the transfer does not run, or others suffice."
                            + " updating: an announce is due, or its result is not known yet",
                    enumeration = {"working", "updating", "not-contacted", "failing"})
            String state,

            @Schema(nullable = true, description = "How it fails", examples = "timeout") @Nullable
            String code,

            @Schema(nullable = true) @Nullable Instant lastAnnounceAt,

            @Schema(nullable = true, description = "Null: none is planned") @Nullable
            Instant nextAnnounceAt,

            @Schema(nullable = true, description = "As its last answer counts them; null if it does not say") @Nullable
            Integer seeds,

            @Schema(nullable = true, description = "As its last answer counts them; null if it does not say") @Nullable
            Integer leeches,

            @Schema(nullable = true, description = "How many its last answer named") @Nullable
            Integer peers) {}

    @Schema(name = "WebSeed")
    record WebSeedView(
            @Schema(nullable = true, description = "Null if the key lacks the scope write: it may be a secret")
            @Nullable
            String url,

            @Schema(description = "Scheme, host and port") String host,

            @Schema(
                    description = "not-contacted: the transfer does not run, or its swarm suffices",
                    enumeration = {"working", "not-contacted", "failing"})
            String state,

            @Schema(nullable = true, description = "How it fails", examples = "no-range") @Nullable
            String code) {}

    /**
     * Returns what a caller sees.
     *
     * @param known what the fleet has seen of trackers and web seeds, by {@link Tracker#id} and {@link Tracker#webSeedId}
     * @param isRunning whether the transfer takes part in a swarm, or is looked for in one
     * @param showsUrls whether the caller may see URLs
     */
    static TrackersView of(
            Sources sources, Map<String, Tracker> known, boolean isRunning, boolean showsUrls, Instant now) {
        List<TrackerView> trackers = new ArrayList<>();
        for (int tier = 0; tier < sources.trackers().size(); tier++) {
            for (String url : sources.trackers().get(tier)) {
                trackers.add(tracker(url, tier, known.get(Tracker.id(url)), isRunning, showsUrls, now));
            }
        }
        return new TrackersView(
                trackers,
                sources.webSeeds().stream()
                        .map(url -> webSeed(url, known.get(Tracker.webSeedId(url)), isRunning, showsUrls))
                        .toList());
    }

    private static TrackerView tracker(
            String url, int tier, @Nullable Tracker known, boolean isRunning, boolean showsUrls, Instant now) {
        State state = isRunning && known != null ? state(known, now) : State.NOT_CONTACTED;
        Figures figures = known == null ? null : known.figures();
        Long last = figures == null ? null : figures.lastAnnounce();
        return new TrackerView(
                showsUrls ? url : null,
                host(url),
                tier,
                TransferView.code(state),
                state == State.FAILING && known != null ? known.code() : null,
                last == null ? null : Instant.ofEpochMilli(last),
                isRunning && known != null && isPlanned(known) ? Instant.ofEpochMilli(known.nextAnnounce()) : null,
                figures == null ? null : figures.seeds(),
                figures == null ? null : figures.leeches(),
                figures == null ? null : figures.peers());
    }

    private static WebSeedView webSeed(String url, @Nullable Tracker known, boolean isRunning, boolean showsUrls) {
        String code = isRunning && known != null ? known.code() : WAITING;
        State state = switch (code) {
            case OK -> State.WORKING;
            case WAITING -> State.NOT_CONTACTED;
            default -> State.FAILING;
        };
        return new WebSeedView(
                showsUrls ? url : null, host(url), TransferView.code(state), state == State.FAILING ? code : null);
    }

    private static State state(Tracker known, Instant now) {
        boolean isDue = isPlanned(known) && known.nextAnnounce() <= now.toEpochMilli();
        return switch (known.code()) {
            case OK -> isDue ? State.UPDATING : State.WORKING;
            case WAITING -> isDue ? State.UPDATING : State.NOT_CONTACTED;
            default -> State.FAILING;
        };
    }

    private static boolean isPlanned(Tracker known) {
        return known.figures() != null && known.figures().isPlanned();
    }

    /** Returns the part of a URL that is no secret. */
    static String host(String url) {
        SourceUrl parsed = SourceUrl.parse(url);
        return parsed == null ? "" : parsed.toString();
    }
}
