package io.shoal.intake.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.metainfo.SourceUrl;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * New trackers and web seeds of a transfer. The same URLs are accepted as in a submission; one that is not is refused instead of left out,
 * because here a person waits for the answer.
 *
 * @param trackers in tiers; null leaves them as they are
 * @param webSeeds null leaves them as they are
 */
@Schema(name = "TrackersChange", description = "What is not there stays as it is")
record SourcesBody(
        @Schema(
                maxItems = Limits.TRACKERS,
                description = "All announce URLs that it has then, in tiers: at most " + Limits.TRACKERS + " in all")
        @Nullable
        List<List<String>> trackers,

        @Schema(maxItems = Limits.WEB_SEEDS, description = "All web seeds that it has then") @Nullable
        List<String> webSeeds) {
    private static final String TRACKERS = "trackers";
    private static final String WEB_SEEDS = "webSeeds";
    private static final Set<String> FIELDS = Set.of(TRACKERS, WEB_SEEDS);

    /** The change in a JSON object. A URL that stands twice counts where it stands first. */
    static SourcesBody read(JsonNode body) {
        if (!body.isObject()) {
            throw TransferFields.invalid("body", "must be an object");
        }
        body.fieldNames().forEachRemaining(name -> {
            if (!FIELDS.contains(name)) {
                throw TransferFields.invalid(Texts.shown(name), "is not known here");
            }
        });
        JsonNode trackers = body.get(TRACKERS);
        JsonNode webSeeds = body.get(WEB_SEEDS);
        return new SourcesBody(trackers == null ? null : tiers(trackers), webSeeds == null ? null : webSeeds(webSeeds));
    }

    private static List<List<String>> tiers(JsonNode list) {
        List<List<String>> tiers = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (JsonNode tier : list(list, SourcesBody::noTrackers)) {
            List<String> urls = new ArrayList<>();
            for (JsonNode url : list(tier, SourcesBody::noTrackers)) {
                String text = url(url, SourceUrl::isTracker, SourcesBody::noTrackers);
                if (seen.add(text)) {
                    urls.add(text);
                }
            }
            if (!urls.isEmpty()) {
                tiers.add(urls);
            }
        }
        if (seen.size() > Limits.TRACKERS) {
            throw noTrackers();
        }
        return tiers;
    }

    private static List<String> webSeeds(JsonNode list) {
        Set<String> urls = new LinkedHashSet<>();
        for (JsonNode url : list(list, SourcesBody::noWebSeeds)) {
            urls.add(url(url, SourceUrl::isWebSeed, SourcesBody::noWebSeeds));
        }
        if (urls.size() > Limits.WEB_SEEDS) {
            throw noWebSeeds();
        }
        return List.copyOf(urls);
    }

    private static JsonNode list(JsonNode list, Supplier<ProblemException> refusal) {
        if (!list.isArray()) {
            throw refusal.get();
        }
        return list;
    }

    private static String url(JsonNode node, Predicate<String> isUsable, Supplier<ProblemException> refusal) {
        String url = node.isTextual() ? node.textValue().strip() : "";
        boolean isStorable = Texts.isStorable(url) && url.chars().noneMatch(Character::isISOControl);
        if (!isStorable || !isUsable.test(url)) {
            throw refusal.get();
        }
        return url;
    }

    private static ProblemException noTrackers() {
        return TransferFields.invalid(
                TRACKERS,
                "must be a list of tiers, each a list of http, https or udp URLs of at most " + Limits.URL_BYTES
                        + " bytes; at most " + Limits.TRACKERS + " in all");
    }

    private static ProblemException noWebSeeds() {
        return TransferFields.invalid(
                WEB_SEEDS,
                "must be a list of at most " + Limits.WEB_SEEDS + " http or https URLs of at most " + Limits.URL_BYTES
                        + " bytes");
    }
}
