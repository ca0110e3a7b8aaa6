package io.shoal.bittorrent.wire;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.announce.CompactPeers;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BString;
import io.shoal.bittorrent.bencode.BencodeDecoder;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.bencode.BencodeException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Names peers to which the sender has connected since its last such message, and those that have left (BEP 11). Both
 * address families are in one list.
 *
 * @param added at most {@link WireLimits#PEX_CONTACTS} of each family are read
 * @param dropped likewise
 */
public record PexMessage(List<Contact> added, List<InetSocketAddress> dropped) implements ExtensionMessage {
    public PexMessage {
        added = List.copyOf(added);
        dropped = List.copyOf(dropped);
    }

    /**
     * A peer that the sender is connected to.
     *
     * @param address where it accepts connections
     * @param flags what the sender says about it; none if the flags are missing
     */
    public record Contact(InetSocketAddress address, Set<Flag> flags) {
        public Contact {
            flags = Set.copyOf(flags);
        }
    }

    /** A property of a peer. A flag that is not set means that the property is unknown, or is not there. */
    public enum Flag {
        /** The peer prefers encrypted connections. */
        PREFERS_ENCRYPTION(0x01),
        /** The peer only uploads: it is a seed or a partial seed. */
        SEED(0x02),
        /** The peer supports uTP (BEP 29). */
        UTP(0x04),
        /** The peer supports holepunch messages (BEP 55). */
        HOLEPUNCH(0x08),
        /** The sender has connected to the peer, so the peer can be reached. */
        REACHABLE(0x10);

        private static final Flag[] ALL = values();

        private final int bit;

        Flag(int bit) {
            this.bit = bit;
        }

        private static byte encode(Set<Flag> flags) {
            int bits = 0;
            for (Flag each : flags) {
                bits |= each.bit;
            }
            return (byte) bits;
        }

        private static Set<Flag> decode(byte bits) {
            Set<Flag> flags = EnumSet.noneOf(Flag.class);
            for (Flag each : ALL) {
                if ((bits & each.bit) != 0) {
                    flags.add(each);
                }
            }
            return flags;
        }
    }

    @Override
    public Extension extension() {
        return Extension.PEX;
    }

    @Override
    public byte[] encode() {
        Map<String, Object> dictionary = new TreeMap<>();
        encode(dictionary, CompactPeers.V4, "added", "dropped", true);
        encode(dictionary, CompactPeers.V6, "added6", "dropped6", false);
        return BencodeEncoder.encode(dictionary);
    }

    /** @param always whether empty fields are sent: some clients expect those of IPv4 */
    private void encode(Map<String, Object> into, int width, String addedKey, String droppedKey, boolean always) {
        List<Contact> ofWidth = added.stream()
                .filter(each -> each.address.getAddress() instanceof Inet4Address == (width == CompactPeers.V4))
                .toList();
        byte[] left = CompactPeers.encode(dropped, width);
        if (always || !ofWidth.isEmpty()) {
            into.put(addedKey, CompactPeers.encode(addresses(ofWidth), width));
            byte[] flags = new byte[ofWidth.size()];
            for (int i = 0; i < flags.length; i++) {
                flags[i] = Flag.encode(ofWidth.get(i).flags);
            }
            into.put(addedKey + ".f", flags);
        }
        if (always || left.length > 0) {
            into.put(droppedKey, left);
        }
    }

    private static Collection<InetSocketAddress> addresses(List<Contact> contacts) {
        return contacts.stream().map(Contact::address).toList();
    }

    /**
     * Reads all of {@code payload}. Fields of another type, a contact that is cut off, and contacts with port 0 are left
     * out.
     *
     * @throws PeerWireException if it is no bencoded dictionary
     */
    static PexMessage decode(ByteBuf payload) throws PeerWireException {
        byte[] bytes = new byte[payload.readableBytes()];
        payload.readBytes(bytes);
        BDictionary dictionary;
        try {
            dictionary = BencodeDecoder.decodeLeadingDictionary(bytes);
        } catch (BencodeException e) {
            throw new PeerWireException("a peer exchange message that is no dictionary: " + e.getMessage());
        }
        List<Contact> added = new ArrayList<>();
        contacts(dictionary, "added", CompactPeers.V4, added);
        contacts(dictionary, "added6", CompactPeers.V6, added);
        List<InetSocketAddress> dropped = new ArrayList<>();
        dropped.addAll(addresses(dictionary, "dropped", CompactPeers.V4));
        dropped.addAll(addresses(dictionary, "dropped6", CompactPeers.V6));
        return new PexMessage(added, dropped);
    }

    private static void contacts(BDictionary dictionary, String key, int width, List<Contact> into) {
        BString packed = dictionary.string(key);
        if (packed == null) {
            return;
        }
        BString flags = dictionary.string(key + ".f");
        int count = Math.min(packed.length() / width, WireLimits.PEX_CONTACTS);
        for (int i = 0; i < count; i++) {
            Set<Flag> ofThis =
                    flags == null || i >= flags.length() ? Set.of() : Flag.decode(flags.input()[flags.offset() + i]);
            ByteBuffer one = ByteBuffer.wrap(packed.input(), packed.offset() + i * width, width);
            CompactPeers.decode(one, width, 1).forEach(address -> into.add(new Contact(address, ofThis)));
        }
    }

    private static List<InetSocketAddress> addresses(BDictionary dictionary, String key, int width) {
        BString packed = dictionary.string(key);
        return packed == null
                ? List.of()
                : CompactPeers.decode(
                        ByteBuffer.wrap(packed.input(), packed.offset(), packed.length()),
                        width,
                        WireLimits.PEX_CONTACTS);
    }
}
