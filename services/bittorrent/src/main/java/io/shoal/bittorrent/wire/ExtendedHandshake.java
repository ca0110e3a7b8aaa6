package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BInteger;
import io.shoal.bittorrent.bencode.BValue.BString;
import io.shoal.bittorrent.bencode.BencodeDecoder;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.bencode.BencodeException;
import java.util.Map;
import java.util.TreeMap;

/**
 * A peer's capabilities in the first message of the extension protocol (BEP 10). Missing or invalid fields have the
 * value that means none.
 *
 * @param metadataId the extended message id under which it receives metadata messages (BEP 9), 0 if it accepts none
 * @param metadataSize bytes of the info dictionary, 0 if not sent
 * @param port where it listens, 0 if not sent
 * @param requestQueue how many requests it queues before it drops some, 0 if not sent
 * @param client its name, at most 40 printable characters, empty if not sent
 * @param uploadOnly whether it wants nothing (BEP 21)
 */
public record ExtendedHandshake(
        int metadataId, int metadataSize, int port, int requestQueue, String client, boolean uploadOnly) {
    private static final String METADATA = "ut_metadata";
    private static final int CLIENT_CHARS = 40;

    /** The payload: a bencoded dictionary. */
    public byte[] encode() {
        Map<String, Object> dictionary = new TreeMap<>();
        dictionary.put("m", metadataId == 0 ? Map.of() : Map.of(METADATA, metadataId));
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
        dictionary.put("upload_only", uploadOnly ? 1 : 0);
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
        return new ExtendedHandshake(
                ids == null ? 0 : number(ids, METADATA, 255),
                number(dictionary, "metadata_size", Integer.MAX_VALUE),
                number(dictionary, "p", 65_535),
                number(dictionary, "reqq", Integer.MAX_VALUE),
                client == null ? "" : cleaned(client),
                number(dictionary, "upload_only", 1) == 1);
    }

    private static int number(BDictionary dictionary, String key, int max) {
        BInteger number = dictionary.integer(key);
        return number == null || number.value() < 0 || number.value() > max ? 0 : (int) number.value();
    }

    private static String cleaned(BString client) {
        BString bounded = new BString(client.input(), client.offset(), Math.min(client.length(), 4 * CLIENT_CHARS));
        StringBuilder text = new StringBuilder();
        bounded.text()
                .codePoints()
                .filter(c -> Character.isLetterOrDigit(c) || c > 0x20 && c < 0x7f || c == ' ')
                .limit(CLIENT_CHARS)
                .forEach(text::appendCodePoint);
        return text.toString().strip();
    }
}
