package io.shoal.intake.api;

import io.shoal.intake.access.Credential;
import io.shoal.intake.swarms.SwarmLooks.Look;
import io.smallrye.mutiny.Multi;
import io.vertx.core.http.HttpServerResponse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Streams of a transfer's swarm. Each holds a {@link Look} for as long as it runs, which bounds how many there are. */
@ApplicationScoped
class SwarmStreams {
    private static final Logger LOG = Logger.getLogger(SwarmStreams.class);

    private final TransferStreams streams;
    private final SwarmReader reader;

    SwarmStreams(TransferStreams streams, SwarmReader reader) {
        this.streams = streams;
        this.reader = reader;
    }

    /**
     * Returns a stream of the swarm of the transfer, which exists.
     *
     * @param caller the key that asks, and its tenant
     * @param response what the stream is written to: once it is closed, the stream ends
     * @throws ProblemException the tenant looks at too much
     */
    Multi<OutboundSseEvent> open(Credential caller, UUID transfer, Sse sse, HttpServerResponse response) {
        reader.open(caller.tenant(), transfer).close(); // refused before the answer begins
        return streams.open(
                caller,
                transfer,
                sse,
                response,
                () -> look(caller.tenant(), transfer).map(look -> new Shown(look, sse)));
    }

    private Optional<Look> look(UUID tenant, UUID transfer) {
        try {
            return Optional.of(reader.open(tenant, transfer));
        } catch (ProblemException e) {
            LOG.debugf("the last place went to another stream: %s", e.getMessage());
            return Optional.empty();
        }
    }

    private final class Shown implements TransferStreams.Shown {
        private final Look look;
        private final Sse sse;
        private @Nullable TransferSwarmView last;

        Shown(Look look, Sse sse) {
            this.look = look;
            this.sse = sse;
        }

        @Override
        public Optional<OutboundSseEvent> news(LibraryReader.Item item) throws InterruptedException {
            TransferSwarmView view = reader.view(look, item, Duration.ZERO);
            if (view.equals(last)) {
                return Optional.empty();
            }
            last = view;
            return Optional.of(sse.newEventBuilder()
                    .name("swarm")
                    .mediaType(MediaType.APPLICATION_JSON_TYPE)
                    .data(TransferSwarmView.class, view)
                    .build());
        }

        @Override
        public void close() {
            look.close();
        }
    }
}
