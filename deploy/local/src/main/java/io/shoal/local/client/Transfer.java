package io.shoal.local.client;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A transfer as the API shows it.
 *
 * @param state such as {@code DOWNLOADING}
 * @param reason why it does not get on; null while it does
 * @param name null until the metadata is there
 * @param wanted bytes that are wanted
 * @param stored bytes of these that the object store has
 * @param downloaded payload bytes received since the torrent's generation began, the wasted included
 * @param uploaded payload bytes sent
 * @param downRate in bytes per second
 * @param upRate in bytes per second
 * @param peers connected
 * @param raw all that the API says
 */
public record Transfer(
        String id,
        String state,
        @Nullable String reason,
        @Nullable String name,
        long wanted,
        long stored,
        long downloaded,
        long uploaded,
        long downRate,
        long upRate,
        int peers,
        JsonNode raw) {

    static Transfer of(JsonNode json) {
        JsonNode progress = json.path("progress");
        JsonNode rates = json.path("rates");
        return new Transfer(
                json.path("id").asText(),
                json.path("state").asText(),
                json.path("reason").textValue(),
                json.path("name").textValue(),
                progress.path("wantedBytes").asLong(),
                progress.path("storedBytes").asLong(),
                json.path("totals").path("down").asLong(),
                json.path("totals").path("up").asLong(),
                rates.path("down").asLong(),
                rates.path("up").asLong(),
                json.path("peers").path("connected").asInt(),
                json);
    }

    /** Whether all that is wanted is in the object store. */
    public boolean complete() {
        return state.equals("SEEDING") || state.equals("DONE");
    }
}
