package io.shoal.local.clients;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Further hosts on this machine: network namespaces on one bridge, whose first address is ours. For clients that refuse peers
 * on loopback. Needs root.
 */
public final class Hosts implements AutoCloseable {
    private static final String BRIDGE = "shl0";
    private static final String NETWORK = "10.213.77.";

    private final List<String> namespaces = new ArrayList<>();

    /** The bridge, with our address on it. What an earlier run has left goes first. */
    public static Hosts create() throws IOException, InterruptedException {
        for (int host = 2; host < 10; host++) {
            attempt("ip", "netns", "del", "shl" + host);
        }
        attempt("ip", "link", "del", BRIDGE);
        run("ip", "link", "add", BRIDGE, "type", "bridge");
        run("ip", "addr", "add", NETWORK + "1/24", "dev", BRIDGE);
        run("ip", "link", "set", BRIDGE, "up");
        return new Hosts();
    }

    /** Our own address among them. */
    public String ourAddress() {
        return NETWORK + "1";
    }

    /** A new host. */
    public Host add() throws IOException, InterruptedException {
        int number = namespaces.size() + 2;
        String namespace = "shl" + number;
        String cable = "shlv" + number;
        String address = NETWORK + number;
        run("ip", "netns", "add", namespace);
        namespaces.add(namespace);
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace);
        run("ip", "link", "set", cable, "master", BRIDGE, "up");
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
    public void close() {
        try {
            for (String namespace : namespaces) {
                attempt("ip", "netns", "del", namespace);
            }
            attempt("ip", "link", "del", BRIDGE);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    /** Removes what may not be there. */
    private static void attempt(String... command) throws IOException, InterruptedException {
        new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
