package io.shoal.engine.metadata;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BInteger;
import io.shoal.bittorrent.bencode.BencodeDecoder;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.bencode.BencodeException;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A message of the extension {@code ut_metadata} (BEP 9), without the header of extension messages (BEP 10). */
public sealed interface MetadataMessage {
    /** Bytes of each piece of the info dictionary but the last. */
    int PIECE = 16 << 10;

    /** The piece that it is about, from 0. */
    int piece();

    /** Asks for a piece. */
    record Request(int piece) implements MetadataMessage {}

    /**
     * Gives a piece.
     *
     * @param totalSize bytes of the whole info dictionary; 0 if it does not say
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and copied by nobody
    record Data(int piece, long totalSize, byte[] bytes) implements MetadataMessage {}

    /** Will not give a piece. */
    record Reject(int piece) implements MetadataMessage {}

    /** The payload of the extension message. */
    default byte[] encode() {
        return switch (this) {
            case Request(int piece) -> BencodeEncoder.encode(Map.of("msg_type", 0, "piece", piece));
            case Reject(int piece) -> BencodeEncoder.encode(Map.of("msg_type", 2, "piece", piece));
            case Data(int piece, long totalSize, byte[] bytes) -> {
                byte[] head = BencodeEncoder.encode(Map.of("msg_type", 1, "piece", piece, "total_size", totalSize));
                byte[] all = Arrays.copyOf(head, head.length + bytes.length);
                System.arraycopy(bytes, 0, all, head.length, bytes.length);
                yield all;
            }
        };
    }

    /**
     * Reads a payload.
     *
     * @return null for a type that is unknown, which is to be ignored
     * @throws BencodeException if it is none: the peer is to blame
     */
    static @Nullable MetadataMessage decode(byte[] payload) throws BencodeException {
        BDictionary head = BencodeDecoder.decodeLeadingDictionary(payload);
        BInteger type = head.integer("msg_type");
        BInteger piece = head.integer("piece");
        if (type == null || piece == null || piece.value() < 0 || piece.value() > Limits.INFO_BYTES / PIECE) {
            throw new BencodeException("a metadata message without type or piece", 0);
        }
        int number = (int) piece.value();
        return switch (Math.clamp(type.value(), -1, 3)) {
            case 0 -> new Request(number);
            case 1 -> {
                BInteger total = head.integer("total_size");
                yield new Data(
                        number,
                        total == null ? 0 : total.value(),
                        Arrays.copyOfRange(payload, head.end(), payload.length));
            }
            case 2 -> new Reject(number);
            default -> null;
        };
    }
}
