package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BInteger;
import io.shoal.bittorrent.bencode.BencodeDecoder;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.bencode.BencodeException;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A message that transfers the info dictionary between peers in pieces of 16 KiB (BEP 9). */
public sealed interface MetadataMessage extends ExtensionMessage {
    /** Bytes of each piece of the info dictionary but the last. */
    int PIECE = 16 << 10;

    /** The number of the piece, not negative. */
    int piece();

    /** Requests a piece. */
    record Request(int piece) implements MetadataMessage {}

    /**
     * Contains a piece.
     *
     * @param totalSize bytes of the whole info dictionary, 0 if it does not say
     * @param bytes of the piece, at most {@link #PIECE}
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier that is read at once and never compared
    record Data(int piece, long totalSize, byte[] bytes) implements MetadataMessage {}

    /** Rejects a request. */
    record Reject(int piece) implements MetadataMessage {}

    @Override
    default Extension extension() {
        return Extension.METADATA;
    }

    @Override
    default byte[] encode() {
        return switch (this) {
            case Request request -> BencodeEncoder.encode(Map.of("msg_type", 0, "piece", request.piece));
            case Data data -> {
                byte[] head =
                        BencodeEncoder.encode(Map.of("msg_type", 1, "piece", data.piece, "total_size", data.totalSize));
                byte[] all = Arrays.copyOf(head, head.length + data.bytes.length);
                System.arraycopy(data.bytes, 0, all, head.length, data.bytes.length);
                yield all;
            }
            case Reject reject -> BencodeEncoder.encode(Map.of("msg_type", 2, "piece", reject.piece));
        };
    }

    /**
     * Reads all of {@code payload}.
     *
     * @return null for a message of another kind, which must be ignored (BEP 9)
     * @throws PeerWireException if it is malformed, or its numbers are out of range
     */
    static @Nullable MetadataMessage decode(ByteBuf payload) throws PeerWireException {
        byte[] bytes = new byte[payload.readableBytes()];
        payload.readBytes(bytes);
        BDictionary dictionary;
        try {
            dictionary = BencodeDecoder.decodeLeadingDictionary(bytes);
        } catch (BencodeException e) {
            throw new PeerWireException("a metadata message that is no dictionary: " + e.getMessage());
        }
        int piece = number(dictionary, "piece");
        return switch (number(dictionary, "msg_type")) {
            case 0 -> new Request(piece);
            case 1 -> {
                if (bytes.length - dictionary.end() > PIECE) {
                    throw new PeerWireException("a metadata piece longer than " + PIECE + " bytes");
                }
                yield new Data(
                        piece,
                        dictionary.integer("total_size") == null ? 0 : number(dictionary, "total_size"),
                        Arrays.copyOfRange(bytes, dictionary.end(), bytes.length));
            }
            case 2 -> new Reject(piece);
            default -> null;
        };
    }

    private static int number(BDictionary dictionary, String key) throws PeerWireException {
        BInteger number = dictionary.integer(key);
        if (number == null || number.value() < 0 || number.value() > Integer.MAX_VALUE) {
            throw new PeerWireException("a metadata message without a valid " + key);
        }
        return (int) number.value();
    }
}
