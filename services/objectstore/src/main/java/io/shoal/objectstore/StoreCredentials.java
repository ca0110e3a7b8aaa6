package io.shoal.objectstore;

import io.minio.credentials.IamAwsProvider;
import io.minio.credentials.Provider;
import io.minio.credentials.StaticProvider;
import java.net.URI;
import java.security.ProviderException;
import java.util.Objects;
import java.util.Optional;
import okhttp3.OkHttpClient;

/** The identity of the services at the store. */
public sealed interface StoreCredentials {
    /** A key that is configured, with the session token of temporary credentials if it has one. */
    record Fixed(String accessKey, String secretKey, Optional<String> sessionToken) implements StoreCredentials {
        /** Without the secrets. */
        @Override
        public String toString() {
            return "Fixed[" + accessKey + "]";
        }
    }

    /**
     * Temporary credentials of the process' own identity, fetched and renewed: by the web identity token that
     * {@code AWS_WEB_IDENTITY_TOKEN_FILE} and {@code AWS_ROLE_ARN} name (as Kubernetes service accounts have it), else from the
     * container's or the instance's metadata service.
     *
     * @param endpoint of the token service, where it is not that of AWS
     */
    record OfIdentity(Optional<URI> endpoint) implements StoreCredentials {}

    /** What the SDK asks for credentials at each request. */
    default Provider provider(OkHttpClient http) {
        return switch (this) {
            case Fixed(String accessKey, String secretKey, Optional<String> sessionToken) ->
                new StaticProvider(accessKey, secretKey, sessionToken.orElse(null));
            case OfIdentity(Optional<URI> endpoint) ->
                fetching(new IamAwsProvider(endpoint.map(URI::toString).orElse(null), http));
        };
    }

    /**
     * As {@code provider}, but every failure is a {@link ProviderException}. When an answer contains no credentials, the SDK throws
     * other exceptions, or returns null and then sends its requests without a signature.
     */
    private static Provider fetching(Provider provider) {
        return () -> {
            try {
                return Objects.requireNonNull(provider.fetch(), "the answer contains no credentials");
            } catch (ProviderException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new ProviderException("no credentials were fetched", e);
            }
        };
    }
}
