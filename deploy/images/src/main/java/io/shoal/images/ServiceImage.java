package io.shoal.images;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.Ports;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * One service's image: a JRE, above it the layers in the order of how rarely they change. It runs as an unprivileged user and
 * writes only to {@code /tmp} and to mounts. The same content gives the same image, byte for byte.
 *
 * @param service its name, such as {@code intake}
 * @param app the service's {@code quarkus-app} folder
 */
public record ServiceImage(String service, Path app) {
    /** User and group of every process: the chart says the same. */
    static final String USER = "10001:10001";

    /** Builds on {@code base}, an image's name or {@code scratch}, and writes an archive that any container engine loads. */
    public void write(String base, String reference, Path archive) throws IOException, InterruptedException {
        if (!Files.isDirectory(app.resolve("lib"))) {
            throw new IOException(app + " does not exist: build the service first");
        }
        try {
            container(base)
                    .containerize(Containerizer.to(TarImage.at(archive).named(reference))
                            .setToolName("shoal"));
        } catch (InvalidImageReferenceException e) {
            throw new IllegalArgumentException("not an image name: " + e.getMessage(), e);
        } catch (CacheDirectoryCreationException | RegistryException | ExecutionException e) {
            throw new IOException("cannot build the image of " + service + " on " + base, e);
        }
    }

    private JibContainerBuilder container(String base) throws InvalidImageReferenceException, IOException {
        JibContainerBuilder builder = base.equals("scratch") ? Jib.fromScratch() : Jib.from(base);
        return builder.setFormat(ImageFormat.OCI)
                .addFileEntriesLayer(layer("dependencies", "lib"))
                .addFileEntriesLayer(layer("generated", "quarkus"))
                .addFileEntriesLayer(layer("service", "app", "quarkus-run.jar", "quarkus-app-dependencies.txt"))
                .setUser(USER)
                .setWorkingDirectory(AbsoluteUnixPath.get("/shoal"))
                .setExposedPorts(Ports.parse(List.of("8080", "9000")))
                .addEnvironmentVariable(
                        "JAVA_TOOL_OPTIONS",
                        "-XX:MaxRAMPercentage=60 -XX:+UseCompactObjectHeaders -XX:+ExitOnOutOfMemoryError")
                .addEnvironmentVariable("QUARKUS_HTTP_HOST", "0.0.0.0")
                .addEnvironmentVariable("QUARKUS_MANAGEMENT_HOST", "0.0.0.0")
                .addLabel("org.opencontainers.image.title", "shoal-" + service)
                .setEntrypoint("java", "-jar", "quarkus-run.jar");
    }

    private FileEntriesLayer layer(String name, String... parts) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
        for (String part : parts) {
            Path path = app.resolve(part);
            if (Files.exists(path)) {
                layer.addEntryRecursive(path, AbsoluteUnixPath.get("/shoal/" + part));
            }
        }
        return layer.build();
    }
}
