package io.shoal.engine.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.shoal.engine.net.Connection;
import io.shoal.engine.net.ConnectionHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** One TCP socket at all addresses of this machine. */
class DualStackTest {
    /** Bans, limits and what trackers named go by the address: one of IPv4 must not be seen as one of IPv6. */
    @Test
    void eachPeerIsSeenAtTheAddressOfItsOwnFamily() throws Exception {
        BlockingQueue<InetSocketAddress> accepted = new LinkedBlockingQueue<>();
        try (NettyNetwork network = NettyNetwork.start(1)) {
            InetSocketAddress local = network.listen(new InetSocketAddress(NettyNetwork.wildcard(), 0), remote -> {
                accepted.add(remote);
                return new Closing();
            });
            for (String host : List.of("127.0.0.1", "::1")) {
                InetAddress address = InetAddress.ofLiteral(host);
                try (Socket peer = new Socket(address, local.getPort())) {
                    assertThat(accepted.poll(20, TimeUnit.SECONDS))
                            .isEqualTo(new InetSocketAddress(address, peer.getLocalPort()));
                }
            }
        }
    }

    private static final class Closing implements ConnectionHandler {
        @Override
        public void opened(Connection connection) {
            connection.close();
        }

        @Override
        public void received(ByteBuf bytes) {}

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {}
    }
}
