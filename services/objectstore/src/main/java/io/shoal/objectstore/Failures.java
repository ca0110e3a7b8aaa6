package io.shoal.objectstore;

import io.minio.errors.ErrorResponseException;
import io.minio.errors.InsufficientDataException;
import io.minio.errors.InvalidResponseException;
import io.minio.errors.MinioException;
import io.minio.errors.ServerException;
import io.minio.errors.XmlParserException;
import java.io.IOException;
import java.security.ProviderException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Classifies what the SDK throws into the three kinds that callers distinguish: does not exist, not available, our own fault.
 * Messages say what to do; none carries a request's headers or URL, where signatures are.
 */
final class Failures {
    private static final Set<String> ABSENT = Set.of("NoSuchKey", "NoSuchUpload");

    /** Answers below 500 that say "try again": throttling, slow sockets, and bytes that were damaged on their way. */
    private static final Set<String> PASSING = Set.of(
            "SlowDown",
            "SlowDownRead",
            "SlowDownWrite",
            "Throttling",
            "RequestTimeout",
            "OperationAborted",
            "BadDigest",
            "XAmzContentChecksumMismatch",
            "IncompleteBody");

    private final StoreConfig config;

    Failures(StoreConfig config) {
        this.config = config;
    }

    /** Returns the exception to throw after {@code doing} {@code key} ended with {@code failure}. */
    Exception classify(String doing, String key, Throwable failure) {
        return switch (unwrapped(failure)) {
            case ErrorResponseException answer -> answer(doing, key, answer);
            case ServerException answer -> unavailable(doing, key, "it answers with HTTP " + answer.statusCode(), null);
            case InvalidResponseException _, XmlParserException _, InsufficientDataException _ ->
                unavailable(doing, key, "something answers there that is no S3 store: check its endpoint", null);
            case IOException io ->
                unavailable(doing, key, "it cannot be reached: check its endpoint and that it runs", io);
            case ProviderException identity ->
                unavailable(doing, key, "there are no credentials for it: check the token service", identity);
            case RuntimeException ours -> ours;
            case Throwable other -> new IllegalStateException(doing + " " + key, other);
        };
    }

    /** Returns the exception for a store that could not {@code doing} {@code key}, with the reason. */
    StoreUnavailableException unavailable(String doing, String key, String why, @Nullable Throwable cause) {
        return new StoreUnavailableException(
                "the store at " + config.endpoint() + " could not " + doing + " " + key + ": " + why, cause);
    }

    private Exception answer(String doing, String key, ErrorResponseException answer) {
        String code = String.valueOf(answer.errorResponse().code());
        int status = answer.response().code();
        if (ABSENT.contains(code)) {
            return new NoSuchObjectException(key);
        }
        if (code.equals("NoSuchBucket")) {
            return unavailable(
                    doing, key, "there is no bucket " + config.bucket() + ": create it, or check its name", null);
        }
        if (status == 401 || status == 403) {
            return unavailable(
                    doing,
                    key,
                    "it refuses us (" + code + "): check access key, secret key, their policy, and this host's clock",
                    null);
        }
        boolean late = status < 300; // completing an upload answers 200 at once, and perhaps an error at the end
        if (late || status >= 500 || status == 429 || PASSING.contains(code)) {
            return unavailable(doing, key, "it answers with HTTP " + status + " " + code, null);
        }
        return new IllegalStateException("the store would not " + doing + " " + key + ": HTTP " + status + " " + code);
    }

    private static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException
                        || cause instanceof ExecutionException
                        || cause.getClass() == MinioException.class)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
