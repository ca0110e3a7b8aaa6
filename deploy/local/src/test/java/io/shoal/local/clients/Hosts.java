package io.shoal.local.clients;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A small network inside this machine: a bridge with an address of ours, further addresses, and further hosts, which are
 * network namespaces. For clients that must not be at our address, or that refuse peers on loopback. Its names and addresses
 * are nobody else's, and all of it goes with the class that registers it. Needs root.
 */
public final class Hosts implements BeforeAllCallback, AfterAllCallback {
    private String name = "";
    private String prefix = "";
    private final List<String> namespaces = new ArrayList<>();
    private int last = 1;

    /** Makes it, in a 10.x.y.0/24 that this machine has no part in. */
    @Override
    public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
        RandomGenerator random = RandomGenerator.getDefault();
        int high;
        int low;
        do {
            high = random.nextInt(128, 255);
            low = random.nextInt(0, 256);
            prefix = "10.%d.%d.".formatted(high, low);
        } while (inUse(prefix));
        name = "shl%02x%02x".formatted(high, low);
        run("ip", "link", "add", name, "type", "bridge");
        run("ip", "addr", "add", prefix + "1/24", "dev", name);
        run("ip", "link", "set", name, "up");
    }

    /** Our own address in it. */
    public String ourAddress() {
        return prefix + "1";
    }

    /** A further address of this machine, for a client that binds to it. */
    public String addAddress() throws IOException, InterruptedException {
        String address = nextAddress();
        run("ip", "addr", "add", address + "/24", "dev", name);
        return address;
    }

    /** A further host. */
    public Host add() throws IOException, InterruptedException {
        String address = nextAddress();
        String namespace = name + "-" + last;
        String cable = name + "v" + last;
        run("ip", "netns", "add", namespace);
        namespaces.add(namespace);
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace);
        run("ip", "link", "set", cable, "master", name, "up");
        run("ip", "-n", namespace, "addr", "add", address + "/24", "dev", "eth0");
        run("ip", "-n", namespace, "link", "set", "eth0", "up");
        run("ip", "-n", namespace, "link", "set", "lo", "up");
        run("ip", "-n", namespace, "route", "add", "default", "via", ourAddress());
        return new Host(namespace, address);
    }

    /** One of them. */
    public record Host(String namespace, String address) {
        /** What runs {@code command} there. */
        public List<String> command(List<String> command) {
            List<String> there = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
            there.addAll(command);
            return there;
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
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

    private String nextAddress() {
        last++;
        return prefix + last;
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
