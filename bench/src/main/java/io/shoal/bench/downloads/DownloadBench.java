package io.shoal.bench.downloads;

import io.shoal.bench.programs.WorkFolder;
import io.shoal.local.hosts.Hosts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * From a torrent to an object in S3: ours, from submitting it to the first byte of the assembled object through the link,
 * beside what a user would do instead, aria2 into a file and rclone from there into the same store, and beside downloads
 * into a file alone. One libtorrent seed, one tracker (opentracker), one MinIO for all; nothing is pinned. The first torrent,
 * a small one, warms everybody up and does not count.
 */
@Command(
        name = "download",
        mixinStandardHelpOptions = true,
        description = "A torrent into S3, beside aria2 followed by rclone copy. Needs root, for a network in which "
                + "Transmission has a host of its own, and aria2c, rclone, transmission-daemon, opentracker, libtorrent "
                + "for Python and MinIO.")
public final class DownloadBench implements Callable<Integer> {
    private static final int WARM_UP_MIB = 512;

    @Option(
            names = "--mib",
            defaultValue = "2048",
            description = "Size of the torrent (default: ${DEFAULT-VALUE} MiB).")
    private int mib = 2048;

    @Option(names = "--runs", defaultValue = "5", description = "Runs of each row after a warm-up (default: 5).")
    private int runs = 5;

    @Option(names = "--only-shoal", description = "Leave out the others: for a profile.")
    private boolean onlyShoal;

    @Option(names = "--minio", required = true, description = "The program minio.")
    private Path minioProgram = Path.of("minio");

    /** A tmpfs if there is one. */
    @Mixin
    private final WorkFolder folder =
            new WorkFolder(Path.of(Files.isDirectory(Path.of("/dev/shm")) ? "/dev/shm" : "/tmp"));

    @Override
    public Integer call() throws Exception {
        try (WorkFolder.Run work = folder.make();
                Hosts hosts = Hosts.create()) {
            measure(work.path(), hosts);
        }
        return 0;
    }

    private void measure(Path work, Hosts hosts) throws Exception {
        String address = hosts.ourAddress();
        try (Subject subject = Subject.start(work.resolve("platform"), address, minioProgram)) {
            Contender shoal = new Shoal(subject);
            List<Contender> contenders = onlyShoal
                    ? List.of(shoal)
                    : List.of(shoal, new Aria2AndRclone(work, subject), new Transmission(work, hosts.add()));
            run(work, address, contenders, Math.min(mib, WARM_UP_MIB), 0, new Rows());
            Rows rows = new Rows();
            for (int run = 1; run <= runs; run++) {
                run(work, address, contenders, mib, run, rows);
            }
            rows.print(mib, runs);
            if (!onlyShoal) {
                rows.printRatio(Shoal.NAME, Aria2AndRclone.NAME);
            }
        }
    }

    private static void run(Path work, String address, List<Contender> contenders, int mib, int run, Rows rows)
            throws Exception {
        System.out.printf("run %d, %d MiB%n", run, mib);
        try (OutsideSeed seed = OutsideSeed.start(work, address, mib, run)) {
            for (Contender contender : contenders) {
                contender.download(seed.torrent(), rows);
            }
        }
    }
}
