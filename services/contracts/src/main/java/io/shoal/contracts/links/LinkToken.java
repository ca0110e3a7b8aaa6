package io.shoal.contracts.links;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.Generation;
import io.shoal.contracts.TorrentId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The right to read one file until a moment, signed by intake and checked by storage, which knows nothing else of tenants.
 *
 * @param tenant whose right it is; storage does not read it
 * @param torrent what it is part of
 * @param generation the life that the right is for
 * @param file which file
 * @param name the name to save it under, already cleaned; at most 1 KiB of UTF-8
 * @param expires to the second; a fraction is dropped
 */
public record LinkToken(
        UUID tenant, TorrentId torrent, Generation generation, FileIndex file, String name, Instant expires) {

    private static final byte VERSION = 1;
    private static final int MAC_BYTES = 16;
    private static final int FIXED_BYTES = 1 + 16 + 26 + 8 + 4 + 8;
    private static final int NAME_BYTES = 1_024;
    private static final int MAX_CHARS = 2_048;

    public LinkToken {
        expires = expires.truncatedTo(ChronoUnit.SECONDS);
        if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES) {
            throw new IllegalArgumentException("a name in a link has at most " + NAME_BYTES + " bytes");
        }
    }

    /** The token as it stands in a URL: base64url of the fields and a truncated HMAC-SHA-256 over them. */
    public String sign(byte[] key) {
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer fields = ByteBuffer.allocate(FIXED_BYTES + nameBytes.length + MAC_BYTES)
                .put(VERSION)
                .putLong(tenant.getMostSignificantBits())
                .putLong(tenant.getLeastSignificantBits())
                .put(torrent.value().getBytes(StandardCharsets.US_ASCII))
                .putLong(generation.value())
                .putInt(file.value())
                .putLong(expires.getEpochSecond())
                .put(nameBytes);
        fields.put(mac(key, fields.array(), fields.position()));
        return encode(fields.array());
    }

    /** The token in {@code text}, if {@code key} signed it. Whether it has expired is for the caller to ask. */
    public static Optional<LinkToken> verify(String text, byte[] key) {
        if (text.length() > MAX_CHARS) {
            return Optional.empty();
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        int signed = bytes.length - MAC_BYTES;
        // The decoder is lenient with padding and with bits that do not count; one right has one text.
        if (signed < FIXED_BYTES || bytes[0] != VERSION || !encode(bytes).equals(text)) {
            return Optional.empty();
        }
        byte[] given = new byte[MAC_BYTES];
        System.arraycopy(bytes, signed, given, 0, MAC_BYTES);
        return MessageDigest.isEqual(mac(key, bytes, signed), given)
                ? Optional.of(read(ByteBuffer.wrap(bytes, 1, signed - 1)))
                : Optional.empty();
    }

    /** Whether it is no longer good at {@code now}. */
    public boolean isExpired(Instant now) {
        return !now.isBefore(expires);
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static LinkToken read(ByteBuffer fields) {
        UUID tenant = new UUID(fields.getLong(), fields.getLong());
        byte[] torrent = new byte[26];
        fields.get(torrent);
        Generation generation = new Generation(fields.getLong());
        FileIndex file = new FileIndex(fields.getInt());
        Instant expires = Instant.ofEpochSecond(fields.getLong());
        String name = StandardCharsets.UTF_8.decode(fields).toString();
        return new LinkToken(
                tenant, new TorrentId(new String(torrent, StandardCharsets.US_ASCII)), generation, file, name, expires);
    }

    private static byte[] mac(byte[] key, byte[] bytes, int length) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update(bytes, 0, length);
            byte[] truncated = new byte[MAC_BYTES];
            System.arraycopy(mac.doFinal(), 0, truncated, 0, MAC_BYTES);
            return truncated;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no HmacSHA256", e);
        }
    }
}
