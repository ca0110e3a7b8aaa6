package io.shoal.intake.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Reads what clients send, never more than a body may have, and bounds what all of them together make us hold: a large body
 * waits for its turn.
 */
@ApplicationScoped
class RequestBodies {
    private static final int MIB = 1 << 20;

    /** What parsing makes of a body may be a few times its size. */
    private static final int HEAP_SHARE = 4;

    private static final int PATIENCE_SECONDS = 10;
    private static final int LINGER_MILLIS = 10_000;

    private final CurrentVertxRequest current;

    private final int budget = (int) Math.max(8, Runtime.getRuntime().maxMemory() / HEAP_SHARE / MIB);
    private final Semaphore free = new Semaphore(budget, true);
    private final JsonMapper json = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .withCoercionConfig(
                    LogicalType.Textual,
                    text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();

    RequestBodies(CurrentVertxRequest current) {
        this.current = current;
        json.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(16)
                        .maxStringLength(Submissions.JSON_BYTES)
                        .build());
    }

    /** Does something with the bytes of a body. */
    @FunctionalInterface
    interface Use<T, E extends Exception> {
        T of(byte[] body) throws E;
    }

    /** Hands the whole body to {@code use}; more than {@code limit} bytes are refused, as early as can be. */
    <T, E extends Exception> T read(InputStream body, HttpHeaders headers, int limit, Use<T, E> use) throws E {
        long announced = announced(headers);
        if (announced > limit) {
            throw tooLarge(limit);
        }
        int share = (int) Math.min(budget, (announced < 0 ? limit : announced) / MIB + 1);
        try {
            if (!free.tryAcquire(share, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw ProblemException.of(ProblemKind.BUSY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ProblemException.of(ProblemKind.BUSY);
        }
        try {
            return use.of(announced < 0 ? unannounced(body, limit) : exactly(body, (int) announced));
        } finally {
            free.release(share);
        }
    }

    /** What {@code body} says as JSON. */
    <T> T json(byte[] body, Class<T> type) {
        try {
            T value = json.readValue(body, type);
            if (value == null) {
                throw ProblemException.invalid(ProblemKind.INVALID_FIELD, "body", "must be an object");
            }
            return value;
        } catch (UnrecognizedPropertyException e) {
            throw ProblemException.invalid(ProblemKind.INVALID_FIELD, field(e), "is not known here");
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof JsonProcessingException broken && !(broken instanceof JsonMappingException)) {
                throw ProblemException.of(ProblemKind.MALFORMED_JSON);
            }
            throw ProblemException.invalid(
                    ProblemKind.INVALID_FIELD, field(e), "must be of the type that is documented");
        } catch (IOException e) {
            throw ProblemException.of(ProblemKind.MALFORMED_JSON);
        }
    }

    private static String field(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(at -> at.getFieldName() == null ? "[" + at.getIndex() + "]" : at.getFieldName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
        return path.isEmpty() ? "body" : path.substring(0, Math.min(path.length(), 100));
    }

    /** The length of the body as its head says; -1 if it does not. */
    private static long announced(HttpHeaders headers) {
        String length = headers.getHeaderString(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            throw ProblemException.of(ProblemKind.BAD_REQUEST, "Content-Length is no number");
        }
    }

    private static byte[] exactly(InputStream body, int length) {
        byte[] bytes = new byte[length];
        try {
            if (body.readNBytes(bytes, 0, length) == length) {
                return bytes;
            }
        } catch (IOException e) {
            // said below
        }
        throw brokenOff();
    }

    private byte[] unannounced(InputStream body, int limit) {
        byte[] bytes;
        try {
            bytes = body.readNBytes(limit + 1);
        } catch (IOException e) {
            throw brokenOff();
        }
        if (bytes.length > limit) {
            throw tooLarge(limit);
        }
        return bytes;
    }

    private static ProblemException brokenOff() {
        return ProblemException.of(ProblemKind.BAD_REQUEST, "The body broke off");
    }

    /**
     * The refusal of a body that goes on. Many clients read no answer before they have sent everything; so what comes is
     * taken and thrown away for a while, then the connection is closed.
     */
    private ProblemException tooLarge(int limit) {
        HttpServerRequest request = current.getCurrent().request();
        current.getCurrent().vertx().runOnContext(nothing -> {
            request.handler(rest -> {});
            request.resume();
        });
        current.getCurrent().vertx().setTimer(LINGER_MILLIS, timer -> {
            if (!request.isEnded()) {
                request.connection().close();
            }
        });
        return ProblemException.of(ProblemKind.TOO_LARGE, "At most " + limit + " bytes are taken here");
    }
}
