package io.shoal.engine.swarms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Datagrams;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.Network;
import io.shoal.engine.netty.NettyNetwork;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListenPortTest {
    private static final InetAddress V4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress V6 = InetAddress.ofLiteral("::1");

    private final NettyNetwork network = NettyNetwork.start(1);

    @AfterEach
    void close() {
        network.close();
    }

    private ListenPort open(Network on, InetSocketAddress... addresses) throws IOException {
        return ListenPort.open(on, network.loops().getFirst(), List.of(addresses), remote -> {
            throw new AssertionError("nothing is accepted");
        });
    }

    private static InetSocketAddress at(InetAddress address, int port) {
        return new InetSocketAddress(address, port);
    }

    /** Whether another process could listen there. */
    private static boolean isFreeForUdp(InetAddress address, int port) {
        try (DatagramSocket socket = new DatagramSocket(port, address)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void tcpAndUdpHaveOneNumber() throws Exception {
        ListenPort port = open(network, at(V4, 0));
        assertThat(port.addresses()).containsExactly(at(V4, port.number()));
        assertThat(isFreeForUdp(V4, port.number())).isFalse();
        assertThatThrownBy(() -> new ServerSocket(port.number(), 1, V4)).isInstanceOf(BindException.class);
    }

    @Test
    void addressesOfOneNumberAreOnePort() {
        assertThat(ListenPort.grouped(List.of(at(V4, 1), at(V6, 1), at(V4, 2), at(V4, 0), at(V6, 0))))
                .containsExactly(
                        List.of(at(V4, 1), at(V6, 1)), List.of(at(V4, 2)), List.of(at(V4, 0)), List.of(at(V6, 0)));
    }

    @Test
    void aPortThatIsTakenForUdpCannotBeListenedOn() throws Exception {
        try (DatagramSocket taken = new DatagramSocket(0, V4)) {
            assertThatThrownBy(() -> open(network, at(V4, taken.getLocalPort())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("UDP");
        }
    }

    @Test
    void aPortThatIsTakenForTcpLeavesItsUdpSideFree() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, V4)) {
            assertThatThrownBy(() -> open(network, at(V4, taken.getLocalPort())))
                    .isInstanceOf(IOException.class);
            network.close(); // after what it was asked to close
            assertThat(isFreeForUdp(V4, taken.getLocalPort())).isTrue();
        }
    }

    /** A number that is free for UDP may be taken for TCP: where any number will do, another one is used. */
    @Test
    void whereAnyNumberWillDoAnotherIsTried() throws Exception {
        int[] refused = {3};
        Network occupied = new Network() {
            @Override
            public List<? extends Loop> loops() {
                return network.loops();
            }

            @Override
            public void connect(Loop loop, InetSocketAddress remote, ConnectionHandler handler) {
                throw new AssertionError();
            }

            @Override
            public InetSocketAddress listen(
                    InetSocketAddress local, Function<InetSocketAddress, ConnectionHandler> accept) throws IOException {
                if (refused[0]-- > 0) {
                    throw new BindException("taken");
                }
                return network.listen(local, accept);
            }

            @Override
            public Datagrams bind(Loop loop, InetSocketAddress local, Datagrams.Receiver receiver) throws IOException {
                return network.bind(loop, local, receiver);
            }

            @Override
            public void close() {}
        };
        ListenPort port = open(occupied, at(V4, 0));
        assertThat(refused[0]).isEqualTo(-1);
        assertThat(port.addresses()).containsExactly(at(V4, port.number()));
    }

    @Test
    void aWildcardStandsForTheAddressesOfThisMachine() throws Exception {
        InetAddress all = InetAddress.ofLiteral("::");
        var own = OwnAddresses.of(List.of(at(all, 7)), "203.0.113.5");
        assertThat(own.getFirst()).isEqualTo(at(InetAddress.ofLiteral("203.0.113.5"), 7));
        assertThat(own).contains(at(V4, 7), at(V6, 7));
        try (var interfaces = NetworkInterface.networkInterfaces()) {
            interfaces
                    .flatMap(NetworkInterface::inetAddresses)
                    .forEach(address -> assertThat(own).contains(at(address, 7)));
        }
        assertThat(OwnAddresses.of(List.of(at(InetAddress.ofLiteral("0.0.0.0"), 7)), "a.name"))
                .contains(at(V4, 7))
                .doesNotContain(at(V6, 7));
        assertThat(OwnAddresses.of(List.of(at(V4, 7)), null)).containsExactly(at(V4, 7));
    }
}
