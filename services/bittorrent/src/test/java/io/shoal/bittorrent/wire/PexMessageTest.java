package io.shoal.bittorrent.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.Fuzz;
import io.shoal.bittorrent.announce.CompactPeers;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.wire.PexMessage.Contact;
import io.shoal.bittorrent.wire.PexMessage.Flag;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PexMessageTest {
    private static final InetSocketAddress FOUR = address("192.0.2.7", 0x1ae1);
    private static final InetSocketAddress OTHER_FOUR = address("198.51.100.1", 80);
    private static final InetSocketAddress SIX = address("2001:db8::1", 0x1ae2);

    private static InetSocketAddress address(String host, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    }

    private static PexMessage decode(byte[] payload) throws PeerWireException {
        return (PexMessage)
                Objects.requireNonNull(ExtensionMessage.decode(Extension.PEX.id(), Unpooled.wrappedBuffer(payload)));
    }

    private static PexMessage decode(Map<String, ?> fields) throws PeerWireException {
        return decode(BencodeEncoder.encode(fields));
    }

    private static byte[] bytes(String latin) {
        return latin.getBytes(ISO_8859_1);
    }

    @Test
    void aMessageIsAsTheBepHasIt() throws Exception {
        PexMessage message = new PexMessage(
                List.of(
                        new Contact(SIX, Set.of(Flag.UTP)),
                        new Contact(FOUR, Set.of(Flag.SEED, Flag.REACHABLE)),
                        new Contact(OTHER_FOUR, Set.of())),
                List.of(OTHER_FOUR));
        assertThat(new String(message.encode(), ISO_8859_1))
                .isEqualTo("d5:added12:\u00c0\0\u0002\u0007\u001a\u00e1\u00c63d\u0001\0P"
                        + "7:added.f2:\u0012\0"
                        + "6:added618: \u0001\r\u00b8\0\0\0\0\0\0\0\0\0\0\0\u0001\u001a\u00e2"
                        + "8:added6.f1:\u0004"
                        + "7:dropped6:\u00c63d\u0001\0Pe");
        PexMessage received = decode(message.encode());
        assertThat(received.added()).containsExactlyInAnyOrderElementsOf(message.added());
        assertThat(received.dropped()).isEqualTo(message.dropped());
        assertThat(message.extension()).isEqualTo(Extension.PEX);
    }

    @Test
    void theFlagsAreTheBitsOfTheBep() throws Exception {
        Map<Integer, Flag> bits =
                Map.of(1, Flag.PREFERS_ENCRYPTION, 2, Flag.SEED, 4, Flag.UTP, 8, Flag.HOLEPUNCH, 16, Flag.REACHABLE);
        for (Map.Entry<Integer, Flag> each : bits.entrySet()) {
            byte[] flags = {each.getKey().byteValue()};
            assertThat(decode(Map.of("added", CompactPeers.encode(List.of(FOUR), 6), "added.f", flags))
                            .added())
                    .containsExactly(new Contact(FOUR, Set.of(each.getValue())));
        }
        assertThat(decode(Map.of("added", CompactPeers.encode(List.of(FOUR), 6), "added.f", new byte[] {-1}))
                        .added()
                        .getFirst()
                        .flags())
                .as("unknown bits are ignored")
                .isEqualTo(EnumSet.allOf(Flag.class));
    }

    @Test
    void whatIsMissingOrOfAnotherTypeIsLeftOut() throws Exception {
        assertThat(decode(bytes("de"))).isEqualTo(new PexMessage(List.of(), List.of()));
        assertThat(decode(bytes("d5:addedi3e7:added.fle7:droppedi4e6:added6le8:dropped6dee")))
                .isEqualTo(new PexMessage(List.of(), List.of()));
        byte[] two = CompactPeers.encode(List.of(FOUR, OTHER_FOUR), 6);
        assertThat(decode(Map.of("added", two)).added())
                .extracting(Contact::address)
                .containsExactly(FOUR, OTHER_FOUR);
        assertThat(decode(Map.of("added", two, "added.f", new byte[] {2})).added())
                .as("too few flags")
                .containsExactly(new Contact(FOUR, Set.of(Flag.SEED)), new Contact(OTHER_FOUR, Set.of()));
        assertThat(decode(Map.of("added", Arrays.copyOf(two, 11))).added())
                .as("a contact that is cut off")
                .hasSize(1);
        byte[] withoutPort = two.clone();
        withoutPort[4] = 0;
        withoutPort[5] = 0;
        assertThat(decode(Map.of("added", withoutPort, "added.f", new byte[] {1, 2}))
                        .added())
                .as("each contact keeps its own flags")
                .containsExactly(new Contact(OTHER_FOUR, Set.of(Flag.SEED)));
    }

    @Test
    void noMoreContactsAreReadThanTheBound() throws Exception {
        byte[] many = new byte[6 * 2_000];
        Arrays.fill(many, (byte) 1);
        byte[] manySix = new byte[18 * 2_000];
        Arrays.fill(manySix, (byte) 0x21);
        PexMessage message = decode(Map.of("added", many, "dropped", many, "added6", manySix, "dropped6", manySix));
        assertThat(message.added()).hasSize(2 * WireLimits.PEX_CONTACTS);
        assertThat(message.dropped()).hasSize(2 * WireLimits.PEX_CONTACTS);
    }

    @Test
    void whatIsNoDictionaryBreaksTheProtocol() {
        for (String payload : List.of("", "le", "d5:added", "d5:added6:abcdef")) {
            assertThatExceptionOfType(PeerWireException.class).isThrownBy(() -> decode(bytes(payload)));
        }
    }

    @Test
    void anyBytesAreReadOrRefused() {
        PexMessage message = new PexMessage(
                List.of(new Contact(FOUR, Set.of(Flag.SEED)), new Contact(SIX, Set.of(Flag.UTP))),
                List.of(OTHER_FOUR, SIX));
        int[] accepted = {0};
        Fuzz.mutated(20_000, List.of(message.encode(), bytes("d5:added0:7:added.f0:7:dropped0:e")), input -> {
            PexMessage received;
            try {
                received = decode(input);
            } catch (PeerWireException e) {
                return;
            }
            accepted[0]++;
            received.added()
                    .forEach(each -> assertThat(each.address().getPort()).isPositive());
            PexMessage again = decode(received.encode());
            assertThat(again.added()).containsExactlyInAnyOrderElementsOf(received.added());
            assertThat(again.dropped()).containsExactlyInAnyOrderElementsOf(received.dropped());
        });
        assertThat(accepted[0]).isGreaterThan(1_000);
    }
}
