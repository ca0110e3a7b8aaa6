package io.shoal.intake.access;

import io.netty.util.NetUtil;
import io.shoal.egress.Cidr;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The proxies whose {@code X-Forwarded-For} is believed. The address of a client is the rightmost one that does not belong to
 * such a proxy: everything to the left of it was written by the client. Names are never resolved.
 */
@ApplicationScoped
public class TrustedProxies {
    private final List<Cidr> trusted;

    TrustedProxies(@ConfigProperty(name = "shoal.http.trusted-proxies") Optional<List<String>> trusted) {
        this.trusted = trusted.orElse(List.of()).stream()
                .map(String::strip)
                .map(Cidr::parse)
                .toList();
    }

    /**
     * Returns the address of the client.
     *
     * @param peer the address at the other end of the connection
     * @param forwardedFor all {@code X-Forwarded-For} headers, in their order
     */
    public InetAddress client(String peer, List<String> forwardedFor) {
        InetAddress client = address(peer).orElseGet(InetAddress::getLoopbackAddress);
        String[] hops = String.join(",", forwardedFor).split(",", -1);
        for (int hop = hops.length - 1; hop >= 0 && isTrusted(client); hop--) {
            Optional<InetAddress> next = address(hops[hop].strip());
            if (next.isEmpty()) {
                break;
            }
            client = next.get();
        }
        return client;
    }

    private boolean isTrusted(InetAddress address) {
        return trusted.stream().anyMatch(cidr -> cidr.contains(address));
    }

    /** Returns the address that a text is: with or without a port, and an IPv6 address with or without brackets. */
    static Optional<InetAddress> address(String text) {
        String host = text;
        if (host.startsWith("[")) {
            host = host.substring(1, Math.max(1, host.indexOf(']')));
        } else if (host.indexOf(':') == host.lastIndexOf(':') && host.indexOf(':') > 0) {
            host = host.substring(0, host.indexOf(':'));
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(host);
        return bytes == null ? Optional.empty() : Optional.of(of(bytes));
    }

    static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not the length of an address", e);
        }
    }
}
