package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BInteger;
import io.shoal.bittorrent.bencode.BValue.BString;
import io.shoal.bittorrent.bencode.BencodeDecoder;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.bencode.BencodeException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a peer tells about itself in the extension protocol (BEP 10): first, and again when it changes. A later handshake
 * changes only the fields that it has. Missing or invalid fields have the value that means none.
 *
 * @param ids of the extensions that it receives
 * @param metadataSize bytes of the info dictionary, 0 if not sent
 * @param port where it listens, 0 if not sent
 * @param requestQueue how many requests it queues before it drops some, 0 if not sent
 * @param client its name, printable and at most {@link #CLIENT_MAX} {@code char}s long, empty if not sent
 * @param uploadOnly whether it wants nothing (BEP 21), null if not sent
 * @param addresses that are sent with it
 */
public record ExtendedHandshake(
        ExtensionIds ids,
        int metadataSize,
        int port,
        int requestQueue,
        String client,
        @Nullable Boolean uploadOnly,
        Addresses addresses)
        implements ExtensionMessage {
    /** The longest name of a client, as {@link String#length} counts it. */
    public static final int CLIENT_MAX = 40;

    /**
     * Addresses that are sent; received ones are not read, because a peer could name those of others.
     *
     * @param yours the receiver's address as the sender sees it (BEP 10, {@code yourip}); null if unknown
     * @param ours where the sender is reached, one of each family at most
     */
    public record Addresses(@Nullable InetAddress yours, List<InetAddress> ours) {
        public static final Addresses NONE = new Addresses(null, List.of());

        public Addresses {
            ours = List.copyOf(ours);
        }
    }

    @Override
    public @Nullable Extension extension() {
        return null;
    }

    @Override
    public byte[] encode() {
        Map<String, Object> dictionary = new TreeMap<>();
        dictionary.put("m", ids.encode());
        if (metadataSize > 0) {
            dictionary.put("metadata_size", metadataSize);
        }
        if (port > 0) {
            dictionary.put("p", port);
        }
        if (requestQueue > 0) {
            dictionary.put("reqq", requestQueue);
        }
        if (!client.isEmpty()) {
            dictionary.put("v", client);
        }
        if (uploadOnly != null) {
            dictionary.put("upload_only", uploadOnly ? 1 : 0);
        }
        if (addresses.yours != null) {
            dictionary.put("yourip", addresses.yours.getAddress());
        }
        for (InetAddress each : addresses.ours) {
            dictionary.put(each instanceof Inet4Address ? "ipv4" : "ipv6", each.getAddress());
        }
        return BencodeEncoder.encode(dictionary);
    }

    /**
     * Reads all of {@code payload}.
     *
     * @throws PeerWireException if it is no bencoded dictionary
     */
    public static ExtendedHandshake decode(ByteBuf payload) throws PeerWireException {
        byte[] bytes = new byte[payload.readableBytes()];
        payload.readBytes(bytes);
        BDictionary dictionary;
        try {
            dictionary = BencodeDecoder.decodeLeadingDictionary(bytes);
        } catch (BencodeException e) {
            throw new PeerWireException("an extended handshake that is no dictionary: " + e.getMessage());
        }
        BDictionary ids = dictionary.dictionary("m");
        BString client = dictionary.string("v");
        BInteger uploadOnly = dictionary.integer("upload_only");
        return new ExtendedHandshake(
                ids == null ? ExtensionIds.NONE : ExtensionIds.decode(ids),
                number(dictionary, "metadata_size", Integer.MAX_VALUE),
                number(dictionary, "p", 65_535),
                number(dictionary, "reqq", Integer.MAX_VALUE),
                client == null ? "" : cleaned(client),
                uploadOnly == null ? null : uploadOnly.value() != 0,
                Addresses.NONE);
    }

    private static int number(BDictionary dictionary, String key, int max) {
        BInteger number = dictionary.integer(key);
        return number == null || number.value() < 0 || number.value() > max ? 0 : (int) number.value();
    }

    private static String cleaned(BString client) {
        BString bounded = new BString(client.input(), client.offset(), Math.min(client.length(), 4 * CLIENT_MAX));
        StringBuilder text = new StringBuilder();
        bounded.text()
                .codePoints()
                .filter(c -> Character.isLetterOrDigit(c) || c > 0x20 && c < 0x7f || c == ' ')
                .takeWhile(c -> text.length() + Character.charCount(c) <= CLIENT_MAX)
                .forEach(text::appendCodePoint);
        return text.toString().strip();
    }
}
