package io.shoal.intake.tenants;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The scopes of an API key: at least one.
 *
 * @param set in the order of {@link Scope}
 */
public record Scopes(Set<Scope> set) {
    /** All of them. */
    public static final Scopes ALL = new Scopes(EnumSet.allOf(Scope.class));

    private static final String SEPARATOR = " ";

    public Scopes {
        if (set.isEmpty()) {
            throw new IllegalArgumentException("a key has at least one scope");
        }
        set = Collections.unmodifiableSet(EnumSet.copyOf(set));
    }

    /** Returns these scopes. */
    public static Scopes of(Collection<Scope> scopes) {
        return new Scopes(Set.copyOf(scopes));
    }

    public boolean has(Scope scope) {
        return set.contains(scope);
    }

    /** Returns a scope that {@code others} has and this has not. */
    Optional<Scope> missingOf(Scopes others) {
        return others.set.stream().filter(scope -> !has(scope)).findFirst();
    }

    /** Returns their names in the API. */
    public List<String> codes() {
        return set.stream().map(Scope::code).toList();
    }

    /** Returns them as the database stores them. */
    String text() {
        return String.join(SEPARATOR, codes());
    }

    /** Reads what {@link #text} wrote. */
    static Scopes parse(String text) {
        return new Scopes(Arrays.stream(text.split(SEPARATOR))
                .map(code ->
                        Scope.ofCode(code).orElseThrow(() -> new IllegalArgumentException("there is no scope " + code)))
                .collect(Collectors.toSet()));
    }
}
