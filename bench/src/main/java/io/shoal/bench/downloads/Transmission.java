package io.shoal.bench.downloads;

import io.shoal.bench.programs.Measured;
import io.shoal.bench.programs.ProcessFigures;
import io.shoal.embedded.Home;
import io.shoal.local.hosts.Hosts;
import io.shoal.local.peers.TransmissionPeer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Transmission's daemon into a file, on a host of its own because it refuses peers on loopback. */
final class Transmission implements Contender {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Path work;
    private final Hosts.Host host;

    Transmission(Path work, Hosts.Host host) {
        this.work = work;
        this.host = host;
    }

    @Override
    public void download(Path torrent, Rows rows) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(work.resolve("transmission/down"));
        Path config = Files.createDirectories(work.resolve("transmission/config"));
        long start = System.nanoTime();
        try (TransmissionPeer peer = TransmissionPeer.start(host, Files.readAllBytes(torrent), folder, config)) {
            while (!peer.progress().complete()) {
                if (System.nanoTime() - start > LIMIT.toNanos()) {
                    throw new IOException("Transmission took more than " + LIMIT);
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
            double wall = (System.nanoTime() - start) / 1e9;
            ProcessFigures figures = new ProcessFigures(peer.pid());
            rows.add(
                    "Transmission into a file",
                    Row.ofFile(new Measured(wall, figures.cpuSeconds(), figures.peakMiB())));
        }
        Home.delete(work.resolve("transmission"));
    }
}
