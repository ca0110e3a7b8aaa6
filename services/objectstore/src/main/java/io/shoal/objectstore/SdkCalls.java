package io.shoal.objectstore;

import io.minio.errors.MinioException;
import java.security.ProviderException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import okhttp3.Response;

/** Waits for the SDK's answers; throws a classified exception if there is none. */
final class SdkCalls {
    private final Failures failures;

    SdkCalls(Failures failures) {
        this.failures = failures;
    }

    /** One request to the SDK. */
    interface Call<T> {
        CompletableFuture<T> send() throws MinioException;
    }

    /** The answer to {@code call}, which is about {@code key}; {@code doing} is a verb for the message if there is none. */
    <T> T await(String doing, String key, Call<T> call) throws NoSuchObjectException, StoreUnavailableException {
        CompletableFuture<T> answer;
        try {
            answer = call.send();
        } catch (MinioException e) {
            throw new IllegalStateException(doing + " " + key, e);
        } catch (ProviderException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        try {
            return answer.get();
        } catch (InterruptedException e) {
            CompletableFuture<Void> ignored = answer.thenAccept(SdkCalls::discard);
            Thread.currentThread().interrupt();
            throw failures.unavailable(doing, key, "this thread was interrupted", e);
        } catch (ExecutionException e) {
            switch (failures.classify(doing, key, e)) {
                case NoSuchObjectException absent -> throw absent;
                case StoreUnavailableException unavailable -> throw unavailable;
                case RuntimeException ours -> throw ours;
                case Exception other -> throw new IllegalStateException(other);
            }
        }
    }

    /** As {@link #await}, for what must exist. */
    <T> T awaitPresent(String doing, String key, Call<T> call) throws StoreUnavailableException {
        try {
            return await(doing, key, call);
        } catch (NoSuchObjectException e) {
            throw new IllegalStateException(
                    "the store would not " + doing + " " + key + ": it says that it is not there", e);
        }
    }

    private static void discard(Object answer) {
        if (answer instanceof Response response) {
            response.close();
        }
    }
}
