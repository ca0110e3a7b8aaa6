package io.shoal.local.platform;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The ports and keys of a folder, chosen once and kept in it, so that a platform is reached at the same places after a restart.
 * Not thread-safe.
 */
public final class Settings {
    /** Below the range from which the kernel takes ports for outgoing connections, so none of those takes a port first. */
    private static final int LOWEST_PORT = 20_000;

    private static final int HIGHEST_PORT = 32_000;
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path file;
    private final String bind;
    private final Kept kept;
    private final SecureRandom random = new SecureRandom();

    private record Kept(Map<String, Integer> ports, Map<String, String> secrets) {
        Kept {
            ports = new TreeMap<>(ports);
            secrets = new TreeMap<>(secrets);
        }
    }

    private Settings(Path file, String bind, Kept kept) {
        this.file = file;
        this.bind = bind;
        this.kept = kept;
    }

    /**
     * Those of {@code folder}; none yet if it is new.
     *
     * @param bind the address on which new ports must be free
     */
    public static Settings of(Path folder, String bind) throws IOException {
        Path file = folder.resolve("settings.json");
        Kept kept = Files.exists(file)
                ? JSON.readValue(file.toFile(), Kept.class)
                : new Kept(new TreeMap<>(), new TreeMap<>());
        return new Settings(file, bind, kept);
    }

    /** The port of this name, for TCP and UDP; a new one if there is none yet. */
    public int port(String name) throws IOException {
        return firstPort(name, 1);
    }

    /** The first of {@code count} ports in a row that this name has; new ones if there are none yet. */
    public int firstPort(String name, int count) throws IOException {
        Integer known = kept.ports.get(name);
        return known == null ? setPort(name, freePorts(count)) : known;
    }

    /** From now on the port of this name is {@code port}. */
    public int setPort(String name, int port) throws IOException {
        kept.ports.put(name, port);
        save();
        return port;
    }

    /** 24 random bytes as text without special characters; the same whenever asked for. */
    public String key(String name) throws IOException {
        return secret(name, Base64.getUrlEncoder().withoutPadding(), 24);
    }

    /** 32 random bytes in Base64; the same whenever asked for. */
    public String base64Key(String name) throws IOException {
        return base64Key(name, 32);
    }

    /** So many random bytes in Base64; the same whenever asked for. */
    public String base64Key(String name, int bytes) throws IOException {
        return secret(name, Base64.getEncoder(), bytes);
    }

    private String secret(String name, Base64.Encoder encoder, int length) throws IOException {
        String known = kept.secrets.get(name);
        if (known != null) {
            return known;
        }
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        String fresh = encoder.encodeToString(bytes);
        kept.secrets.put(name, fresh);
        save();
        return fresh;
    }

    private void save() throws IOException {
        PrivateFile.write(file, JSON.writeValueAsBytes(kept));
    }

    private int freePorts(int count) throws IOException {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            // Steps of 8, so that a row of ports never reaches into another.
            int first = LOWEST_PORT + 8 * random.nextInt((HIGHEST_PORT - LOWEST_PORT) / 8);
            if (!kept.ports.containsValue(first)
                    && IntStream.range(first, first + count).allMatch(this::isFree)) {
                return first;
            }
        }
        throw new IOException("no free port between %d and %d on %s".formatted(LOWEST_PORT, HIGHEST_PORT, bind));
    }

    private boolean isFree(int port) {
        InetSocketAddress address = new InetSocketAddress(bind, port);
        try (ServerSocket tcp = new ServerSocket();
                DatagramSocket udp = new DatagramSocket(null)) {
            tcp.bind(address);
            udp.bind(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
