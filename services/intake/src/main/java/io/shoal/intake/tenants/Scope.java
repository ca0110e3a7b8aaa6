package io.shoal.intake.tenants;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an API key may do. None includes another. Their codes are part of the API. */
public enum Scope {
    /** Everything that changes nothing. */
    READ,
    /** Changes of the library. */
    WRITE,
    /** Making and revoking keys. */
    ADMIN;

    /** Returns the name of the scope in the API. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the scope with this name in the API. */
    public static Optional<Scope> ofCode(String code) {
        return Arrays.stream(values())
                .filter(scope -> scope.code().equals(code))
                .findFirst();
    }
}
