package io.shoal.egress;

import java.net.InetAddress;

/** Which addresses may be connected to. Called with the final address, after names have been resolved. */
@FunctionalInterface
public interface Egress {
    boolean allows(InetAddress address);
}
