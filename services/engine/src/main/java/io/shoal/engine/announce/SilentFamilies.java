package io.shoal.engine.announce;

import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Address families over which a server did not answer while it answered over the other. They are left out for {@link
 * #PAUSE}, so that a machine whose IPv6 leads nowhere does not wait for it at every announce.
 *
 * <p>Invariant: at least one family of a server is used. Confined to the client's loop.
 */
final class SilentFamilies {
    /** Two regular announces of most trackers. */
    static final Duration PAUSE = Duration.ofHours(1);

    /** Families that are remembered. Above that all are forgotten, and tried again. */
    private static final int REMEMBERED_MAX = 1_000;

    private final Map<ServerFamily, Long> silentUntil = new HashMap<>();

    private record ServerFamily(String server, AddressFamily family) {}

    /**
     * Returns the families to announce over.
     *
     * @param server host and port of the tracker
     * @param available the families of its addresses
     * @param now nanoseconds of the loop's clock
     */
    Set<AddressFamily> withoutSilent(String server, Set<AddressFamily> available, long now) {
        Set<AddressFamily> used = EnumSet.copyOf(available);
        used.removeIf(family -> {
            Long until = silentUntil.get(new ServerFamily(server, family));
            return until != null && until - now > 0;
        });
        return used.isEmpty() ? available : used;
    }

    /** The server did not answer over {@code family}, and did over the other. */
    void add(String server, AddressFamily family, long now) {
        if (silentUntil.size() >= REMEMBERED_MAX) {
            silentUntil.clear();
        }
        silentUntil.put(new ServerFamily(server, family), now + PAUSE.toNanos());
    }

    /** The server did not answer over any family that was used: those left out are tried again. */
    void forget(String server) {
        for (AddressFamily family : AddressFamily.values()) {
            silentUntil.remove(new ServerFamily(server, family));
        }
    }
}
