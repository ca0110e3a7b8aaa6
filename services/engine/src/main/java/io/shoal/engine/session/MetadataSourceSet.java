package io.shoal.engine.session;

import io.shoal.engine.limits.EngineLimits;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;

/**
 * The accepted peers of a magnet, and the addresses that lied about its metadata. Iteration is safe while peers join and
 * leave.
 */
final class MetadataSourceSet implements Iterable<MetadataSource> {
    private final Set<MetadataSource> all = new LinkedHashSet<>();
    private final SequencedSet<InetAddress> liars = new LinkedHashSet<>();

    @Override
    public Iterator<MetadataSource> iterator() {
        return List.copyOf(all).iterator();
    }

    boolean contains(MetadataSource source) {
        return all.contains(source);
    }

    void add(MetadataSource source) {
        all.add(source);
    }

    /** Returns whether it was one of them. */
    boolean remove(MetadataSource source) {
        return all.remove(source);
    }

    boolean anyOffers() {
        return all.stream().anyMatch(source -> source.offers);
    }

    /** Closes a peer of no use, or the youngest. @return false if there is none */
    boolean closeLeastUseful(String reason) {
        if (all.isEmpty()) {
            return false;
        }
        MetadataSource last = all.stream()
                .min(Comparator.<MetadataSource>comparingInt(source -> source.offers ? 1 : 0)
                        .thenComparingLong(source -> -source.openedAt))
                .orElseThrow();
        last.peer.close(reason);
        return true;
    }

    /** The address sent wrong metadata. Above the limit the oldest are forgotten. */
    void ban(InetAddress liar) {
        liars.add(liar);
        if (liars.size() > EngineLimits.LIARS) {
            liars.removeFirst();
        }
    }

    boolean isBanned(InetAddress address) {
        return liars.contains(address);
    }
}
