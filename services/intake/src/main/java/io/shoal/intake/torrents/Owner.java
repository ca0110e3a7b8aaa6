package io.shoal.intake.torrents;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.TorrentId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Owns stored content. Equal content of two owners is stored twice, under two torrent ids. {@link Owners} says who owns what. */
public sealed interface Owner {
    /** A tenant on its own. */
    record OfTenant(UUID tenant) implements Owner {
        @Override
        public String text() {
            return tenant.toString();
        }
    }

    /** Tenants that share public content. */
    record OfPool(UUID pool) implements Owner {
        private static final String PREFIX = "pool/";

        @Override
        public String text() {
            return PREFIX + pool;
        }
    }

    /** Returns the form that is stored and hashed into torrent ids; it never changes. */
    String text();

    /** Returns the owner that is written {@code text}. */
    static Owner parse(String text) {
        return text.startsWith(OfPool.PREFIX)
                ? new OfPool(UUID.fromString(text.substring(OfPool.PREFIX.length())))
                : new OfTenant(UUID.fromString(text));
    }

    /** Returns the id of this owner's torrent with {@code infoHash}. */
    default TorrentId torrent(InfoHash infoHash) {
        return TorrentId.of(text(), infoHash);
    }

    /** Returns the tenant that owns it alone; null if it is a pool. */
    default @Nullable UUID tenant() {
        return this instanceof OfTenant(UUID tenant) ? tenant : null;
    }

    /** Returns whether transfers of several tenants may belong to one torrent of this owner. */
    default boolean isShared() {
        return this instanceof OfPool;
    }
}
