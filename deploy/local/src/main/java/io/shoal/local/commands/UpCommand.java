package io.shoal.local.commands;

import io.shoal.local.platform.Options;
import io.shoal.local.platform.Platform;
import io.shoal.local.platform.S3Choice;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the platform in the foreground. */
@Command(
        name = "up",
        description = {
            "Runs the platform until Ctrl-C or SIGTERM, then stops every process within 20 s and keeps the data.",
            "While it is up, DIR/endpoints.json has the URLs and keys of all services. Logs are in DIR/logs."
        })
final class UpCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FolderOption data = new FolderOption();

    @Mixin
    private WorkersOption workers = new WorkersOption();

    @Option(
            names = "--trackers",
            paramLabel = "N",
            description = "Number of tracker replicas, 1 to 8; they share their swarms. Default: 1.")
    private int trackers = 1;

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            description = "Address to listen on and to announce to peers; connections into its network are allowed."
                    + " Default: 127.0.0.1.")
    private String bind = Options.LOOPBACK;

    @Option(
            names = "--api-port",
            paramLabel = "P",
            description = "Port of the API. Default: the port that the folder had before.")
    private int apiPort;

    @Option(names = "--no-restart", description = "Does not restart a process that dies.")
    private boolean noRestart;

    @Option(
            names = "--s3",
            paramLabel = "minio|URL",
            description = "Uses MinIO, or the S3 server at this URL, instead of the bundled S3 server.")
    private @Nullable String s3;

    @Option(
            names = "--s3-access-key",
            paramLabel = "KEY",
            defaultValue = "${env:SHOAL_S3_ACCESS_KEY}",
            description = "Access key for --s3 URL. Default: the variable SHOAL_S3_ACCESS_KEY.")
    private @Nullable String s3AccessKey;

    @Option(
            names = "--s3-secret-key",
            paramLabel = "KEY",
            defaultValue = "${env:SHOAL_S3_SECRET_KEY}",
            description = "Secret key for --s3 URL. Default: the variable SHOAL_S3_SECRET_KEY.")
    private @Nullable String s3SecretKey;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (trackers < 1 || trackers > 8) {
            throw new ParameterException(spec.commandLine(), "--trackers must be from 1 to 8.");
        }
        if (apiPort < 0 || apiPort > 65_535) {
            throw new ParameterException(spec.commandLine(), "--api-port must be from 1 to 65535.");
        }
        Options options =
                new Options(data.folder(), workers.count(), trackers, bind, apiPort, !noRestart, s3Choice(), Map.of());
        Platform platform = Platform.start(options, System.out::println);
        System.out.println("API " + platform.endpoints().api());
        System.out.println("shoal is up");
        // Until a signal ends this process; a shutdown hook stops the platform.
        new CountDownLatch(1).await();
        platform.close();
        return 0;
    }

    private S3Choice s3Choice() {
        if (s3 == null) {
            return new S3Choice.Bundled();
        }
        if (s3.equals("minio")) {
            String program = System.getenv("SHOAL_MINIO");
            if (program == null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "MinIO is not built yet; ./shoal test --s3 minio builds it and runs all tests.");
            }
            return new S3Choice.Minio(Path.of(program));
        }
        if (!s3.startsWith("http") || s3AccessKey == null || s3SecretKey == null) {
            throw new ParameterException(
                    spec.commandLine(), "--s3 takes minio, or a URL with --s3-access-key and --s3-secret-key.");
        }
        return new S3Choice.External(URI.create(s3), s3AccessKey, s3SecretKey);
    }
}
