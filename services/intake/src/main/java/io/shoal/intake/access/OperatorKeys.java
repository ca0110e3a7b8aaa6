package io.shoal.intake.access;

import io.quarkus.runtime.Startup;
import io.shoal.intake.tenants.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The operators' keys. Several are valid at the same time, so that each can be replaced without an outage, and so that the
 * audit says which one was used. They are checked at start; messages name a key by its id and never contain the key.
 */
@Startup
@ApplicationScoped
public class OperatorKeys {
    /** As long as 24 random bytes in Base64. */
    private static final int LEAST_CHARS = 32;

    /** A longer bearer is refused before it is compared. */
    private static final int MOST_CHARS = 190;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern KEY = Pattern.compile("[!-~&&[^,:]]+");

    private final Map<String, Secret> keys = new LinkedHashMap<>();

    OperatorKeys(@ConfigProperty(name = "shoal.operator-keys") List<String> entries) {
        entries.forEach(this::add);
        if (keys.isEmpty()) {
            throw new IllegalStateException("shoal.operator-keys names no key");
        }
    }

    private void add(String entry) {
        int colon = entry.indexOf(':');
        String id = entry.substring(0, Math.max(colon, 0)).strip();
        String key = entry.substring(colon + 1).strip();
        if (!ID.matcher(id).matches()) {
            throw new IllegalStateException(
                    "shoal.operator-keys: each entry must be id:key, with an id of 1 to 64 letters,"
                            + " digits, dots, hyphens or underscores");
        }
        if (key.length() < LEAST_CHARS || key.length() > MOST_CHARS) {
            throw new IllegalStateException("shoal.operator-keys: key %s has %d characters, but must have %d to %d"
                    .formatted(id, key.length(), LEAST_CHARS, MOST_CHARS));
        }
        if (!KEY.matcher(key).matches()) {
            throw new IllegalStateException(
                    "shoal.operator-keys: key %s must be printable ASCII without spaces, commas and colons"
                            .formatted(id));
        }
        if (keys.putIfAbsent(id, new Secret(key)) != null) {
            throw new IllegalStateException("shoal.operator-keys: two keys have the id " + id);
        }
    }

    /** Returns the id of the operator key {@code secret}. */
    public Optional<String> idOf(Secret secret) {
        String found = null;
        for (Map.Entry<String, Secret> key :
                keys.entrySet()) { // all are compared, so that the time taken does not show which one matched
            if (key.getValue().matches(secret)) {
                found = key.getKey();
            }
        }
        return Optional.ofNullable(found);
    }
}
