package io.shoal.swarm.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.PeerWireException;
import io.shoal.contracts.records.SwarmReport;
import io.shoal.contracts.records.SwarmReport.PeerFlag;
import io.shoal.contracts.records.SwarmReport.PeerSource;
import io.shoal.engine.SwarmSnapshot;
import io.shoal.engine.SwarmSnapshot.PeerDetails;
import io.shoal.swarm.ownership.SwarmView;
import io.shoal.swarm.segments.PieceMap;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What peers tell of themselves, in a view of their swarm. */
class SwarmViewsTest {
    private static final PieceMap ONE_PIECE = new PieceMap(1, List.of(1), List.of(0), List.of(0));
    private static final String CAPITAL_A = Character.toString(0x1D400);

    @Test
    void aNameOfSupplementaryCharactersIsCutWithoutSplittingOne() throws Exception {
        for (String ascii : List.of("", "x")) {
            String client = receivedClient(ascii + CAPITAL_A.repeat(40));
            assertThat(of(peer("192.0.2.1", client, 0)).peers())
                    .singleElement()
                    .satisfies(peer -> assertThat(peer.client())
                            .hasSizeLessThanOrEqualTo(SwarmReport.CLIENT_MAX)
                            .isEqualTo(ascii + CAPITAL_A.repeat(20 - ascii.length())));
        }
    }

    @Test
    void aPeerThatAReportDoesNotAllowIsLeftOutAndTheOthersAreShown() {
        SwarmView view = of(
                peer("192.0.2.1", "c".repeat(SwarmReport.CLIENT_MAX + 1), 0),
                peer("192.0.2.2", "fine", 0),
                peer("192.0.2.3", "", 1_001));
        assertThat(view.connected()).isEqualTo(3);
        assertThat(view.peers()).extracting(SwarmReport.Peer::address).containsExactly("192.0.2.2");
    }

    @Test
    void aPeerThatOnlyAnotherPeerHasNamedIsShownAsSuch() {
        PeerDetails unknown = peer("192.0.2.1", "", 0);
        assertThat(of(unknown).peers().getFirst().source()).isEqualTo(PeerSource.OTHER);
        assertThat(of(peer("192.0.2.1", "", 0, false, true)).peers().getFirst().source())
                .isEqualTo(PeerSource.PEX);
    }

    /** Returns what the receiver of a handshake knows of a client of this name. */
    private static String receivedClient(String name) throws PeerWireException {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return ExtendedHandshake.decode(Unpooled.wrappedBuffer(
                        ("d1:v" + utf8.length + ":").getBytes(StandardCharsets.US_ASCII),
                        utf8,
                        "e".getBytes(StandardCharsets.US_ASCII)))
                .client();
    }

    private static SwarmView of(PeerDetails... peers) {
        return SwarmViews.of(new SwarmSnapshot(peers.length, List.of(peers), List.of(1)), ONE_PIECE);
    }

    @Test
    void aPeerWhoseConnectionIsEncryptedIsShownSo() {
        SwarmView view = of(peer("192.0.2.1", "a", 1, true, false), peer("192.0.2.2", "b", 1));
        assertThat(view.peers())
                .extracting(SwarmReport.Peer::flags)
                .containsExactly(Set.of(PeerFlag.ENCRYPTED), Set.of());
    }

    private static PeerDetails peer(String address, String client, int done) {
        return peer(address, client, done, false, false);
    }

    private static PeerDetails peer(
            String address, String client, int done, boolean encrypted, boolean isOnlyExchanged) {
        return new PeerDetails(
                new InetSocketAddress(address, 6881),
                client,
                false,
                false,
                false,
                false,
                false,
                false,
                false,
                false,
                encrypted,
                done,
                0,
                0,
                0,
                0,
                isOnlyExchanged,
                List.of());
    }
}
