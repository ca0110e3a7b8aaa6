package io.shoal.local.clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shoal.embedded.Ports;
import io.shoal.local.peers.OutsidePeer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** libtorrent through Debian's own Python, with DHT, PEX and local discovery off. */
public final class LibtorrentPeer implements OutsidePeer {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final String address;
    private volatile @Nullable JsonNode last;

    private LibtorrentPeer(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Returns when it listens.
     *
     * @param torrent a .torrent file or a magnet link
     * @param bind the address of either family that it has
     * @param upLimit bytes per second; 0 for no limit
     */
    public static LibtorrentPeer start(String torrent, Path folder, String bind, long upLimit) throws IOException {
        String address = (bind.contains(":") ? "[" + bind + "]" : bind) + ":" + Ports.free();
        ProcessBuilder command = new ProcessBuilder(
                "/usr/bin/python3",
                Path.of("src/test/python/peer.py").toAbsolutePath().toString(),
                torrent,
                folder.toString(),
                address,
                Long.toString(upLimit));
        Process process = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        LibtorrentPeer peer = new LibtorrentPeer(process, address);
        Thread.ofPlatform().daemon().name("libtorrent").start(peer::read);
        try {
            while (peer.last == null && !process.waitFor(50, TimeUnit.MILLISECONDS)) {
                // its first word is on its way
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return peer;
    }

    /** Where it listens, {@code host:port}. */
    public String address() {
        return address;
    }

    @Override
    public String name() {
        return "libtorrent";
    }

    @Override
    public Progress progress() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("libtorrent has ended with exit code " + process.exitValue());
        }
        JsonNode now = last;
        return now == null
                ? new Progress(false, 0, 0)
                : new Progress(
                        now.path("complete").asBoolean(),
                        now.path("down").asLong(),
                        now.path("up").asLong());
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = JSON.readTree(line);
            }
        } catch (IOException e) {
            process.destroyForcibly();
        }
    }
}
