package io.shoal.local.hosts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A small network inside this machine: a bridge with an address of ours, further addresses, and further hosts, which are network
 * namespaces. For clients that must not be at our address, or that refuse peers on loopback. Its names and addresses are used by
 * nothing else on this machine, and {@link #close} removes all of it. Needs root.
 */
public final class Hosts implements AutoCloseable {
    private final String name;
    private final String prefix;
    private final String prefix6;
    private final List<String> namespaces = new ArrayList<>();
    private int last = 1;

    private Hosts(String name, String prefix, String prefix6) {
        this.name = name;
        this.prefix = prefix;
        this.prefix6 = prefix6;
    }

    /** A new one, in a 10.x.y.0/24 that this machine has no part in, and a fdxx:yy::/64 of the same numbers. */
    public static Hosts create() throws IOException, InterruptedException {
        RandomGenerator random = RandomGenerator.getDefault();
        while (true) {
            int high = random.nextInt(128, 255);
            // From a0 on: rtorrent takes what follows the first colon of an IPv6 address for a port if it begins with a
            // digit.
            int low = random.nextInt(160, 256);
            String prefix = "10.%d.%d.".formatted(high, low);
            String name = "shl%02x%02x".formatted(high, low);
            if (inUse(prefix)) {
                continue;
            }
            run("ip", "link", "add", name, "type", "bridge");
            Hosts hosts = new Hosts(name, prefix, "fd%02x:%02x::".formatted(high, low));
            try {
                run("ip", "addr", "add", prefix + "1/24", "dev", name);
                run("ip", "addr", "add", hosts.prefix6 + "1/64", "dev", name, "nodad");
                run("ip", "link", "set", name, "up");
                return hosts;
            } catch (IOException | InterruptedException e) {
                hosts.close();
                throw e;
            }
        }
    }

    /** Our own address in it. */
    public String ourAddress() {
        return prefix + "1";
    }

    /** Our own IPv6 address in it. */
    public String ourAddress6() {
        return prefix6 + "1";
    }

    /** A further address of this machine, for a client that binds to it. */
    public String addAddress() throws IOException, InterruptedException {
        last++;
        run("ip", "addr", "add", prefix + last + "/24", "dev", name);
        return prefix + last;
    }

    /** A further IPv6 address of this machine. */
    public String addAddress6() throws IOException, InterruptedException {
        last++;
        run("ip", "addr", "add", prefix6 + last + "/64", "dev", name, "nodad");
        return prefix6 + last;
    }

    /** A further host. */
    public Host add() throws IOException, InterruptedException {
        last++;
        Host host = new Host(name + "-" + last, prefix + last, prefix6 + last);
        String namespace = host.namespace();
        String cable = name + "v" + last;
        run("ip", "netns", "add", namespace);
        namespaces.add(namespace);
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace);
        run("ip", "link", "set", cable, "master", name, "up");
        run("ip", "-n", namespace, "addr", "add", host.address() + "/24", "dev", "eth0");
        run("ip", "-n", namespace, "addr", "add", host.address6() + "/64", "dev", "eth0", "nodad");
        run("ip", "-n", namespace, "link", "set", "eth0", "up");
        run("ip", "-n", namespace, "link", "set", "lo", "up");
        run("ip", "-n", namespace, "route", "add", "default", "via", ourAddress());
        return host;
    }

    /** One of them. */
    public record Host(String namespace, String address, String address6) {
        /** What runs {@code command} there. */
        public List<String> command(List<String> command) {
            List<String> there = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
            there.addAll(command);
            return there;
        }
    }

    @Override
    public void close() {
        try {
            for (String namespace : namespaces) {
                run("ip", "netns", "del", namespace);
            }
            run("ip", "link", "del", name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean inUse(String prefix) throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(each -> each.getInterfaceAddresses().stream())
                .map(InterfaceAddress::getAddress)
                .anyMatch(address -> address instanceof Inet4Address
                        && address.getHostAddress().startsWith(prefix));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }
}
