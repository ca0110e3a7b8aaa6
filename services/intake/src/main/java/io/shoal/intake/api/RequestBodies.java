package io.shoal.intake.api;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.shoal.bittorrent.bencode.PagedBytes;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Reads request bodies: never more than a body may have, never slower than {@link BodyDeadline} allows, and all of them together
 * within a {@link BodyBudget}, of which the operator has one that tenants cannot use up. Memory is allocated for bytes that have
 * arrived, not for those that are announced.
 */
@ApplicationScoped
class RequestBodies {
    /** Large enough for the largest .torrent where the heap has 300 MiB. */
    private static final int TENANTS_HEAP_SHARE = 3;

    private static final int OPERATOR_HEAP_SHARE = 16;

    private final CurrentVertxRequest current;
    private final Caller caller;
    private final Duration grace;
    private final int rate;
    private final BodyBudget tenants;
    private final BodyBudget operator;
    private final JsonBodies json = new JsonBodies();

    RequestBodies(
            CurrentVertxRequest current,
            Caller caller,
            @ConfigProperty(name = "shoal.bodies.grace") Duration grace,
            @ConfigProperty(name = "shoal.bodies.slowest-rate") int rate,
            @ConfigProperty(name = "shoal.bodies.large-of-tenant") int largeOfTenant,
            @ConfigProperty(name = "shoal.bodies.patience") Duration patience) {
        this.current = current;
        this.caller = caller;
        this.grace = grace;
        this.rate = rate;
        long heap = Runtime.getRuntime().maxMemory();
        this.tenants = new BodyBudget(heap / TENANTS_HEAP_SHARE, largeOfTenant, patience);
        this.operator = new BodyBudget(heap / OPERATOR_HEAP_SHARE, Integer.MAX_VALUE, patience);
    }

    /** Uses the bytes of a body. */
    @FunctionalInterface
    interface Use<T, E extends Exception> {
        T of(PagedBytes body) throws E;
    }

    /**
     * Hands the whole body to {@code use}, and holds its share of the budget until that returns. A body of more than
     * {@code limit} bytes is refused, as early as possible, and so is one without a Content-Type.
     */
    <T, E extends Exception> T read(InputStream body, HttpHeaders headers, int limit, Use<T, E> use) throws E {
        BodyBudget budget = caller.tenantIfAny().isPresent() ? tenants : operator;
        try (BodyBudget.Body held = budget.open(caller.tenantIfAny().orElse(null))) {
            return use.of(arrive(body, headers, Math.min(limit, budget.capacity()), held));
        }
    }

    /** Opens a room for what is read from elsewhere for the caller: it counts against the budget of the caller's own bodies. */
    Room room() {
        BodyBudget budget = caller.tenantIfAny().isPresent() ? tenants : operator;
        return new Room(budget.open(caller.tenantIfAny().orElse(null)), budget.capacity());
    }

    /** The share of the budget that one input from elsewhere has, until it is closed. */
    static final class Room implements AutoCloseable {
        private final BodyBudget.Body held;
        private final int capacity;

        Room(BodyBudget.Body held, int capacity) {
            this.held = held;
            this.capacity = capacity;
        }

        /** Bytes of the largest input that fits. */
        int capacity() {
            return capacity;
        }

        /** Reads {@code input} to its end, which bounds its own time. */
        PagedBytes read(InputStream input, int most) throws IOException {
            return pages(input, -1, most, held, length -> {});
        }

        @Override
        public void close() {
            held.close();
        }
    }

    /** Reads {@code body} as JSON. */
    <T> T json(PagedBytes body, Class<T> type) {
        return json.read(body, type);
    }

    /** Returns the announced length of the body; -1 if there is none. */
    private static long announced(HttpHeaders headers) {
        String length = headers.getHeaderString(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            throw ProblemException.of(ProblemKind.BAD_REQUEST, "Content-Length is no number");
        }
    }

    /** Reads the body. A refusal may be sent before the whole body has arrived, so the client is given time to read it. */
    private PagedBytes arrive(InputStream body, HttpHeaders headers, int most, BodyBudget.Body held) {
        try {
            if (headers.getMediaType() == null) {
                throw ProblemException.of(ProblemKind.UNSUPPORTED_TYPE);
            }
            long announced = announced(headers);
            if (announced > most) {
                throw tooLarge(most);
            }
            if (announced > BodyBudget.SMALL) {
                held.announceLarge();
            }
            try (BodyDeadline deadline = new BodyDeadline(vertx(), request(), announced, grace, rate)) {
                return pages(body, announced, most, held, deadline::arrived);
            }
        } catch (ProblemException e) {
            LingeringClose.begin(vertx(), request());
            throw e;
        } catch (IOException e) {
            throw brokenOff();
        }
    }

    private static PagedBytes pages(
            InputStream body, long announced, int most, BodyBudget.Body held, IntConsumer arrived) throws IOException {
        List<byte[]> pages = new ArrayList<>();
        int length = 0;
        while (announced < 0 || length < announced) {
            if (length == most) { // no page is awaited for what will be refused: there may be no more of them than this
                if (body.read() >= 0) {
                    throw tooLarge(most);
                }
                break;
            }
            int inPage = length % PagedBytes.PAGE;
            if (inPage == 0) {
                held.use(pages.size() + 1);
                pages.add(new byte[PagedBytes.PAGE]);
            }
            int count = body.read(pages.getLast(), inPage, Math.min(PagedBytes.PAGE - inPage, most - length));
            if (count < 0) {
                break;
            }
            length += count;
            arrived.accept(length);
        }
        if (length < announced) {
            throw brokenOff();
        }
        return PagedBytes.of(pages, length);
    }

    private static ProblemException brokenOff() {
        return ProblemException.of(ProblemKind.BAD_REQUEST, "The body broke off");
    }

    private static ProblemException tooLarge(int most) {
        return ProblemException.of(ProblemKind.TOO_LARGE, "At most " + most + " bytes are taken here");
    }

    private HttpServerRequest request() {
        return current.getCurrent().request();
    }

    private Vertx vertx() {
        return current.getCurrent().vertx();
    }
}
