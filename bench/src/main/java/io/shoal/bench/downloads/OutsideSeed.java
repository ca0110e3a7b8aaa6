package io.shoal.bench.downloads;

import io.shoal.bench.programs.Child;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.embedded.Home;
import io.shoal.embedded.Ports;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** One libtorrent seed of a file of random bytes, and the opentracker by which others find it. */
final class OutsideSeed implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int PIECE_LENGTH = 1 << 20;

    private final Path payload;
    private final Path torrent;
    private final Child seed;
    private final Child tracker;

    private OutsideSeed(Path payload, Path torrent, Child seed, Child tracker) {
        this.payload = payload;
        this.torrent = torrent;
        this.seed = seed;
        this.tracker = tracker;
    }

    /** Makes the file and its torrent in {@code work}, and seeds it at {@code address}; {@code run} makes it another one. */
    static OutsideSeed start(Path work, String address, int mib, int run) throws IOException, InterruptedException {
        int trackerPort = Ports.free();
        Path payload = payload(work, mib, run);
        Path torrent = work.resolve("run" + run + ".torrent");
        Child seed = Child.start(
                work.resolve("seed.log"),
                "/usr/bin/python3",
                Home.checkout().resolve("bench/src/main/python/seed.py").toString(),
                payload.toString(),
                torrent.toString(),
                "http://%s:%d/announce".formatted(address, trackerPort),
                Integer.toString(PIECE_LENGTH),
                address + ":" + Ports.free());
        try {
            seed.awaitLine("made", LIMIT);
            Child tracker = tracker(work, address, torrent, trackerPort);
            seed.say("go");
            seed.awaitLine("seeding", LIMIT);
            return new OutsideSeed(payload, torrent, seed, tracker);
        } catch (IOException | InterruptedException e) {
            seed.close();
            throw e;
        }
    }

    /** The .torrent. */
    Path torrent() {
        return torrent;
    }

    /** Random bytes: nothing on the way can compress them or leave holes. */
    static Path payload(Path work, int mib, int run) throws IOException {
        Path payload = work.resolve("payload" + run + ".bin");
        Random random = new Random(run);
        byte[] chunk = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(payload)) {
            for (int i = 0; i < mib; i++) {
                random.nextBytes(chunk);
                out.write(chunk);
            }
        }
        return payload;
    }

    /** Its folder becomes its root, in which it is nobody: it must be able to read the whitelist there. */
    private static Child tracker(Path work, String address, Path torrent, int port)
            throws IOException, InterruptedException {
        Path folder = Files.createDirectories(work.resolve("opentracker"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(folder.resolve("whitelist"), infoHash(torrent) + "\n");
        Child tracker = Child.start(
                work.resolve("opentracker.log"),
                "opentracker",
                "-i",
                address,
                "-p",
                Integer.toString(port),
                "-P",
                Integer.toString(port),
                "-d",
                folder.toString(),
                "-w",
                "whitelist");
        TimeUnit.MILLISECONDS.sleep(500);
        tracker.awaitAlive();
        return tracker;
    }

    private static String infoHash(Path torrent) throws IOException {
        try {
            return Metainfo.parse(Files.readAllBytes(torrent)).info().hash().hex();
        } catch (MetainfoException e) {
            throw new IOException(torrent + " is no torrent", e);
        }
    }

    @Override
    public void close() throws IOException {
        seed.close();
        tracker.close();
        Files.deleteIfExists(payload);
    }
}
