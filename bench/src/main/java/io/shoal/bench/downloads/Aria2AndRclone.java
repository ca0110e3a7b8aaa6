package io.shoal.bench.downloads;

import io.shoal.bench.programs.Measured;
import io.shoal.embedded.Home;
import io.shoal.embedded.Ports;
import io.shoal.local.platform.Endpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What a user does without Shoal: aria2 into a file, then rclone from there into the store. */
final class Aria2AndRclone implements Contender {
    static final String NAME = "aria2, then rclone copy";
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Path work;
    private final Subject subject;

    Aria2AndRclone(Path work, Subject subject) {
        this.work = work;
        this.subject = subject;
    }

    @Override
    public void download(Path torrent, Rows rows) throws IOException, InterruptedException {
        Path down = Files.createDirectory(work.resolve("aria2"));
        Measured aria2 = Measured.run(
                List.of(
                        "aria2c",
                        "--dir=" + down,
                        "--seed-time=0",
                        "--enable-dht=false",
                        "--enable-peer-exchange=false",
                        "--bt-enable-lpd=false",
                        "--file-allocation=none",
                        "--summary-interval=0",
                        "--console-log-level=warn",
                        "--bt-max-peers=50",
                        "--listen-port=" + Ports.free(),
                        torrent.toString()),
                work.resolve("aria2.log"),
                LIMIT);
        rows.add("aria2 into a file", Row.ofFile(aria2));
        Path config = config();
        double storeCpu = subject.storeFigures().cpuSeconds();
        Measured rclone = rclone(config, "copy", down.toString(), "store:bench");
        Measured both = aria2.then(rclone);
        rows.add(
                NAME,
                new Row(
                        both.wall(),
                        both.cpu(),
                        Double.NaN,
                        subject.storeFigures().cpuSeconds() - storeCpu,
                        both.peakMiB(),
                        Double.NaN,
                        Double.NaN));
        rclone(config, "purge", "store:bench");
        Home.delete(down);
    }

    private Path config() throws IOException {
        Endpoints.S3 store = subject.store();
        return Files.writeString(
                work.resolve("rclone.conf"), """
                [store]
                type = s3
                provider = Minio
                endpoint = %s
                access_key_id = %s
                secret_access_key = %s
                """.formatted(store.endpoint(), store.accessKey(), store.secretKey()));
    }

    private Measured rclone(Path config, String... command) throws IOException, InterruptedException {
        List<String> all = new java.util.ArrayList<>(List.of("rclone", "--config", config.toString()));
        all.addAll(List.of(command));
        return Measured.run(all, work.resolve("rclone.log"), LIMIT);
    }
}
