package io.shoal.bittorrent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.wire.ExtendedHandshake.Addresses;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandshakesTest {
    private static final InfoHash HASH = InfoHash.ofInfo(new byte[1]);
    private static final PeerId ID = PeerId.of(new byte[PeerId.LENGTH]);

    @Test
    void capabilitiesAreTheBitsOfTheBeps() throws Exception {
        assertThat(reserved(Capabilities.NONE)).isEqualTo("0000000000000000");
        assertThat(reserved(new Capabilities(true, false, false, false))).isEqualTo("0000000000100000");
        assertThat(reserved(new Capabilities(false, true, false, false))).isEqualTo("0000000000000004");
        assertThat(reserved(new Capabilities(false, false, true, false))).isEqualTo("0000000000000001");
        assertThat(reserved(new Capabilities(false, false, false, true))).isEqualTo("0000000000000010");
        for (Capabilities each : List.of(Capabilities.OURS, new Capabilities(false, true, true, true))) {
            assertThat(Handshake.decode(encoded(each)).capabilities()).isEqualTo(each);
        }
    }

    private static ByteBuf encoded(Capabilities capabilities) {
        ByteBuf out = Unpooled.buffer();
        new Handshake(HASH, ID, capabilities).encode(out);
        assertThat(out.readableBytes()).isEqualTo(Handshake.LENGTH);
        assertThat(Handshake.infoHash(out.slice(0, Handshake.INFO_HASH_END))).isEqualTo(HASH);
        return out;
    }

    private static String reserved(Capabilities capabilities) {
        return ByteBufUtil.hexDump(encoded(capabilities), 20, 8);
    }

    @Test
    void anExtendedHandshakeTellsTheAddresses() throws Exception {
        Addresses addresses = new Addresses(
                InetAddress.ofLiteral("192.0.2.7"),
                List.of(InetAddress.ofLiteral("198.51.100.1"), InetAddress.ofLiteral("2001:db8::1")));
        String sent = new String(
                new ExtendedHandshake(
                                ExtensionIds.ours(EnumSet.allOf(Extension.class)), 99, 6881, 250, "c", false, addresses)
                        .encode(),
                StandardCharsets.ISO_8859_1);
        assertThat(sent)
                .contains("6:yourip4:\u00c0\u0000\u0002\u0007")
                .contains("4:ipv44:\u00c63d\u0001")
                .contains("4:ipv616: \u0001\r\u00b8")
                .startsWith("d");
        ExtendedHandshake received =
                ExtendedHandshake.decode(Unpooled.wrappedBuffer(sent.getBytes(StandardCharsets.ISO_8859_1)));
        assertThat(received.ids().of(Extension.METADATA)).isEqualTo(Extension.METADATA.id());
        assertThat(received.port()).isEqualTo(6881);
        assertThat(received.uploadOnly()).isFalse();
        assertThat(received.addresses()).isEqualTo(Addresses.NONE);
    }

    @Test
    void whatALaterHandshakeDoesNotNameStaysAsItWas() throws Exception {
        ExtensionIds first = ids("d1:md11:ut_metadatai3e11:upload_onlyi4eee");
        assertThat(first.with(ids("de"))).isEqualTo(first);
        ExtensionIds later = first.with(ids("d1:md11:ut_metadatai0eee"));
        assertThat(later.of(Extension.METADATA)).isZero();
        assertThat(later.of(Extension.UPLOAD_ONLY)).isEqualTo(4);
    }

    private static ExtensionIds ids(String handshake) throws PeerWireException {
        return ExtendedHandshake.decode(Unpooled.wrappedBuffer(handshake.getBytes(StandardCharsets.US_ASCII)))
                .ids();
    }

    @Test
    void uploadOnlyIsOneByte() throws Exception {
        for (boolean value : List.of(true, false)) {
            UploadOnly message = new UploadOnly(value);
            assertThat(ExtensionMessage.decode(Extension.UPLOAD_ONLY.id(), Unpooled.wrappedBuffer(message.encode())))
                    .isEqualTo(message);
        }
        assertThat(ExtensionMessage.decode(Extension.UPLOAD_ONLY.id(), Unpooled.EMPTY_BUFFER))
                .isNull();
        assertThat(ExtensionMessage.decode(77, Unpooled.EMPTY_BUFFER)).isNull();
    }
}
