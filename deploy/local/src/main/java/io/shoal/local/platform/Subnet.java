package io.shoal.local.platform;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * The network that an address of this machine belongs to.
 *
 * @param address of this machine
 * @param prefix how many leading bits name the network
 */
record Subnet(InetAddress address, int prefix) {

    /** That of {@code bind}, an address of one of this machine's interfaces. */
    static Subnet of(String bind) throws IOException {
        InetAddress address;
        try {
            address = InetAddress.getByName(bind);
        } catch (UnknownHostException e) {
            throw new IOException("--bind needs an address of this machine, not " + bind, e);
        }
        if (address.isAnyLocalAddress()) {
            throw new IOException("--bind needs one address of this machine that others can be told, not " + bind);
        }
        NetworkInterface itsInterface = NetworkInterface.getByInetAddress(address);
        if (itsInterface == null) {
            throw new IOException(bind + " is no address of this machine");
        }
        for (InterfaceAddress candidate : itsInterface.getInterfaceAddresses()) {
            if (candidate.getAddress().equals(address)) {
                return new Subnet(address, candidate.getNetworkPrefixLength());
            }
        }
        throw new IOException(bind + " has no network");
    }

    /** As {@code network/prefix}. */
    String cidr() throws IOException {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int bits = Math.clamp(prefix - 8L * i, 0, 8);
            bytes[i] &= (byte) (0xff << (8 - bits));
        }
        return InetAddress.getByAddress(Arrays.copyOf(bytes, bytes.length)).getHostAddress() + "/" + prefix;
    }
}
