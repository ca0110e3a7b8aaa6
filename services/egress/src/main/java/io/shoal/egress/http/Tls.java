package io.shoal.egress.http;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import javax.net.ssl.SSLException;

/** TLS towards servers on the internet. */
public final class Tls {
    private Tls() {}

    /** A context that trusts what the JDK trusts, and checks the server's name. */
    public static SslContext systemTrust() {
        try {
            return SslContextBuilder.forClient()
                    .endpointIdentificationAlgorithm("HTTPS")
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("this JDK has no TLS", e);
        }
    }
}
