package io.shoal.intake.audit;

import java.net.InetAddress;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The cause of an action.
 *
 * @param id the id of the key; for the system: null
 * @param address the address from which the request came; for the system: null
 */
public record Actor(
        Kind kind, @Nullable String id, @Nullable String address) {
    /** The service itself, in the background. */
    static final Actor SYSTEM = new Actor(Kind.SYSTEM, null, null);

    /** The kinds of actors. */
    public enum Kind {
        /** An operator key. */
        OPERATOR,
        /** A tenant's API key. */
        KEY,
        /** The service itself. */
        SYSTEM
    }

    /** Returns an operator. */
    public static Actor operator(String key, InetAddress address) {
        return new Actor(Kind.OPERATOR, key, address.getHostAddress());
    }

    /** Returns a tenant's key. */
    public static Actor key(UUID key, InetAddress address) {
        return new Actor(Kind.KEY, key.toString(), address.getHostAddress());
    }
}
