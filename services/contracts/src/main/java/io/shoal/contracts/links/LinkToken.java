package io.shoal.contracts.links;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;

/**
 * The right to read one file until a moment: issued by intake, honoured by storage, unreadable for all others ({@link LinkKeys}).
 *
 * @param tenant the tenant whose right it is; storage counts streams by it, and refuses tokens that were issued before the
 *     tenant's links became void
 * @param torrent the torrent that the file is part of
 * @param generation the generation of the torrent
 * @param file the file
 * @param name the name to save it under, already cleaned; at most 1 KiB of UTF-8
 * @param issued to the second; a fraction is dropped
 * @param expires to the second; a fraction is dropped; at most {@link #MAX_LIFETIME} after {@code issued}
 * @param flags how the link is followed
 */
public record LinkToken(
        UUID tenant,
        TorrentId torrent,
        Generation generation,
        FileIndex file,
        String name,
        Instant issued,
        Instant expires,
        Set<Flag> flags) {

    /** One bit of a token's flags. */
    public enum Flag {
        /** The reader may ask for bytes before they are stored. */
        PROGRESSIVE(1),
        /** The reader is never sent to the object store. */
        NO_REDIRECT(2);

        private final byte bit;

        Flag(int bit) {
            this.bit = (byte) bit;
        }
    }

    /** No token is valid for longer, so what is known of older ones can be deleted. */
    public static final Duration MAX_LIFETIME = Duration.ofDays(7);

    private static final int FIXED_BYTES = 8 + 8 + 1 + 16 + 26 + 8 + 4;
    private static final int NAME_BYTES = 1_024;

    public LinkToken {
        issued = issued.truncatedTo(ChronoUnit.SECONDS);
        expires = expires.truncatedTo(ChronoUnit.SECONDS);
        flags = Set.copyOf(flags);
        if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES) {
            throw new IllegalArgumentException("a name in a link has at most " + NAME_BYTES + " bytes");
        }
        if (Duration.between(issued, expires).compareTo(MAX_LIFETIME) > 0) {
            throw new IllegalArgumentException("a link is valid for at most " + MAX_LIFETIME);
        }
    }

    /** Whether it is no longer valid at {@code now}. */
    public boolean isExpired(Instant now) {
        return !now.isBefore(expires);
    }

    /** The fields as {@link #read} takes them. */
    byte[] write() {
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        byte bits = 0;
        for (Flag flag : flags) {
            bits |= flag.bit;
        }
        return ByteBuffer.allocate(FIXED_BYTES + nameBytes.length)
                .putLong(issued.getEpochSecond())
                .putLong(expires.getEpochSecond())
                .put(bits)
                .putLong(tenant.getMostSignificantBits())
                .putLong(tenant.getLeastSignificantBits())
                .put(torrent.value().getBytes(StandardCharsets.US_ASCII))
                .putLong(generation.value())
                .putInt(file.value())
                .put(nameBytes)
                .array();
    }

    /** Reads what {@link #write} wrote. Flags of later versions are ignored. */
    static LinkToken read(ByteBuffer fields) {
        Instant issued = Instant.ofEpochSecond(fields.getLong());
        Instant expires = Instant.ofEpochSecond(fields.getLong());
        byte bits = fields.get();
        Set<Flag> flags = EnumSet.allOf(Flag.class);
        flags.removeIf(flag -> (bits & flag.bit) == 0);
        UUID tenant = new UUID(fields.getLong(), fields.getLong());
        byte[] torrent = new byte[26];
        fields.get(torrent);
        Generation generation = new Generation(fields.getLong());
        FileIndex file = new FileIndex(fields.getInt());
        String name = StandardCharsets.UTF_8.decode(fields).toString();
        TorrentId id = new TorrentId(new String(torrent, StandardCharsets.US_ASCII));
        return new LinkToken(tenant, id, generation, file, name, issued, expires, flags);
    }
}
