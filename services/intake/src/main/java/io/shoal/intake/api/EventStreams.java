package io.shoal.intake.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shoal.intake.access.Credential;
import io.shoal.intake.events.EventPlaces;
import io.smallrye.mutiny.Multi;
import io.vertx.core.http.HttpServerResponse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Streams of a transfer's changes: each event is the whole transfer, and there is none while nothing changes. The id of an event is a
 * digest of its content, so a client that reconnects with the last id, to any replica, sees no event twice and misses no current state.
 */
@ApplicationScoped
class EventStreams {
    private static final int ID_BYTES = 12;

    private final TransferStreams streams;
    private final LibraryReader libraryReader;
    private final ObjectMapper json;
    private final EventPlaces places;

    EventStreams(TransferStreams streams, LibraryReader libraryReader, ObjectMapper json, EventPlaces places) {
        this.streams = streams;
        this.libraryReader = libraryReader;
        this.json = json;
        this.places = places;
    }

    /**
     * Returns a stream of the transfer, which exists, that begins after the event {@code lastId}.
     *
     * @param caller the key that asks, and its tenant
     * @param response what the stream is written to: once it is closed, the stream ends
     * @throws ProblemException the tenant has too many streams
     */
    Multi<OutboundSseEvent> open(
            Credential caller, UUID transfer, @Nullable String lastId, Sse sse, HttpServerResponse response) {
        if (places.isFull(caller.tenant())) {
            throw ProblemException.of(ProblemKind.TOO_MANY_STREAMS);
        }
        // Empty if so many requests came at once that the last place went to another of them.
        return streams.open(
                caller,
                transfer,
                sse,
                response,
                () -> places.take(caller.tenant()).map(place -> new Shown(place, sse, lastId)));
    }

    private final class Shown implements TransferStreams.Shown {
        private final EventPlaces.Place place;
        private final Sse sse;
        private @Nullable String lastId;

        Shown(EventPlaces.Place place, Sse sse, @Nullable String lastId) {
            this.place = place;
            this.sse = sse;
            this.lastId = lastId;
        }

        @Override
        public Optional<OutboundSseEvent> news(LibraryReader.Item item) {
            TransferView view = libraryReader.view(item);
            String id = id(view);
            if (id.equals(lastId)) {
                return Optional.empty();
            }
            lastId = id;
            return Optional.of(sse.newEventBuilder()
                    .name("transfer")
                    .id(id)
                    .mediaType(MediaType.APPLICATION_JSON_TYPE)
                    .data(TransferView.class, view)
                    .build());
        }

        @Override
        public void close() {
            place.close();
        }
    }

    private String id(TransferView view) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(json.writeValueAsBytes(view.withoutClocks()));
            return HexFormat.of().formatHex(Arrays.copyOf(digest, ID_BYTES));
        } catch (NoSuchAlgorithmException | JsonProcessingException e) {
            throw new IllegalStateException("a view has no digest", e);
        }
    }
}
