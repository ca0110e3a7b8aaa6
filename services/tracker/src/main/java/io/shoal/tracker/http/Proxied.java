package io.shoal.tracker.http;

import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.networks.AddressText;

/** The client address behind a proxy that speaks the PROXY protocol. */
final class Proxied {
    private Proxied() {}

    /**
     * The client that {@code header} names, or the {@code proxy} itself where it speaks for itself (LOCAL: a health
     * check) or for what is no IP address.
     */
    static Address sender(HAProxyMessage header, Address proxy) {
        if (header.command() == HAProxyCommand.LOCAL || header.sourceAddress() == null) {
            return proxy;
        }
        Address client = AddressText.parse(header.sourceAddress());
        return client == null ? proxy : client;
    }
}
