package io.shoal.intake.torrents;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.contracts.TorrentId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The lengths of torrents' segments, from the database; what was read last is cached, and never changes. */
@ApplicationScoped
public class KnownSegments {
    private static final int CACHED_BYTES = 8 << 20;

    private final Torrents torrents;
    private final Cache<TorrentId, SegmentLengths> cache = Caffeine.newBuilder()
            .maximumWeight(CACHED_BYTES)
            .weigher((TorrentId id, SegmentLengths lengths) -> lengths.weight())
            .build();

    KnownSegments(Torrents torrents) {
        this.torrents = torrents;
    }

    /** The lengths of the segments of {@code id}; empty if the torrent is gone. */
    public Optional<SegmentLengths> of(TorrentId id) {
        return Optional.ofNullable(of(List.of(id)).get(id));
    }

    /** The lengths of the segments of {@code ids}, as far as they are known: one query for all that are not cached. */
    public Map<TorrentId, SegmentLengths> of(Collection<TorrentId> ids) {
        Map<TorrentId, SegmentLengths> known = new HashMap<>(cache.getAllPresent(ids));
        List<TorrentId> missing =
                ids.stream().filter(id -> !known.containsKey(id)).toList();
        if (!missing.isEmpty()) {
            Map<TorrentId, SegmentLengths> read =
                    QuarkusTransaction.joiningExisting().call(() -> torrents.lengthsOf(missing));
            cache.putAll(read);
            known.putAll(read);
        }
        return known;
    }
}
