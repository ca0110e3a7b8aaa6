package io.shoal.swarm.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.engine.netty.NettyNetwork;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

class BindAddressesTest {
    private static InetAddress literal(String address) {
        return InetAddress.ofLiteral(address);
    }

    @Test
    void allOfTheMachineUnlessSomeAreNamed() throws Exception {
        assertThat(WorkerEngine.bindAddresses(List.of())).containsExactly(NettyNetwork.wildcard());
        assertThat(WorkerEngine.bindAddresses(List.of("203.0.113.5", " 2001:db8::5", "203.0.113.5")))
                .containsExactly(literal("203.0.113.5"), literal("2001:db8::5"));
    }

    /** A socket of its own for IPv4 would find the port taken. */
    @Test
    void allOfIPv6IncludesIPv4() throws Exception {
        assertThat(WorkerEngine.bindAddresses(List.of("0.0.0.0", "::"))).containsExactly(literal("::"));
        assertThat(WorkerEngine.bindAddresses(List.of("0.0.0.0"))).containsExactly(literal("0.0.0.0"));
    }

    @Test
    void anUnknownNameIsAFault() {
        assertThatThrownBy(() -> WorkerEngine.bindAddresses(List.of("no-such-host.invalid")))
                .isInstanceOf(UnknownHostException.class);
    }
}
