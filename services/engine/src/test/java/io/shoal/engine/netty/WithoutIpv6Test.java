package io.shoal.engine.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.engine.net.DatagramPort;
import io.shoal.engine.net.Loop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A machine without IPv6, which a process that uses IPv4 only takes this one for. */
class WithoutIpv6Test {
    @Test
    void allAddressesAreThoseOfIPv4() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.net.preferIPv4Stack=true",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Listening.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(printed).isEqualTo("0.0.0.0 true false");
    }

    /** Listens at all addresses; prints which those are, and which families can be sent to. */
    static final class Listening {
        private Listening() {}

        public static void main(String[] args) throws Exception {
            InetAddress all = NettyNetwork.wildcard();
            try (NettyNetwork network = NettyNetwork.start(1)) {
                Loop loop = network.loops().getFirst();
                DatagramPort port = DatagramPort.open(network, loop, List.of(new InetSocketAddress(all, 0)));
                network.listen(new InetSocketAddress(all, port.number()), remote -> {
                    throw new AssertionError("nothing is accepted");
                });
                System.out.print(all.getHostAddress()
                        + " " + port.hasFamilyOf(InetAddress.ofLiteral("127.0.0.1"))
                        + " " + port.hasFamilyOf(InetAddress.ofLiteral("::1")));
            }
        }
    }
}
