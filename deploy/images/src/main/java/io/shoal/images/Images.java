package io.shoal.images;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the images of all services as OCI archives. */
@Command(
        name = "images",
        mixinStandardHelpOptions = true,
        description = "Writes the images of all services as OCI archives: shoal-SERVICE.tar.")
public final class Images implements Callable<Integer> {
    /** The services, by name. */
    public static final List<String> SERVICES = List.of("intake", "storage", "tracker", "swarm");

    @Option(
            names = "--base",
            defaultValue = "eclipse-temurin:25-jre",
            description = "Base image with a Java 25 runtime, or scratch (default: ${DEFAULT-VALUE}).")
    private String base = "";

    @Option(
            names = "--name",
            defaultValue = "shoal",
            description = "Images are named NAME-SERVICE:TAG (default: ${DEFAULT-VALUE}).")
    private String name = "";

    @Option(names = "--tag", defaultValue = "0.1.0", description = "default: ${DEFAULT-VALUE}")
    private String tag = "";

    @Option(
            names = "--checkout",
            defaultValue = ".",
            description = "Checkout with the built services (default: the working directory).")
    private Path checkout = Path.of(".");

    @Option(names = "--out", defaultValue = "images", description = "Folder to write to (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("images");

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(out);
        for (String service : SERVICES) {
            Path archive = out.resolve("shoal-" + service + ".tar");
            Path app = checkout.resolve("services/" + service + "/target/quarkus-app");
            new ServiceImage(service, app).write(base, name + "-" + service + ":" + tag, archive);
            System.out.println(archive);
        }
        return 0;
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new Images()).execute(args));
    }
}
