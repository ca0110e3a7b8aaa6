package io.shoal.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Reads the archives as a container engine would. */
class ServiceImageTest {
    @SuppressWarnings("unused") // named by the tests below
    static final List<String> SERVICES = Images.SERVICES;

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @FieldSource("SERVICES")
    void runsTheServiceAsNobody(String service) throws Exception {
        JsonNode config = image(service).config().get("config");
        assertThat(config.get("User").asText()).isEqualTo("10001:10001");
        assertThat(config.get("Entrypoint"))
                .extracting(JsonNode::asText)
                .containsExactly("java", "-jar", "quarkus-run.jar");
        assertThat(config.get("WorkingDir").asText()).isEqualTo("/shoal");
        assertThat(config.get("ExposedPorts").has("8080/tcp")).isTrue();
        assertThat(config.get("ExposedPorts").has("9000/tcp")).isTrue();
    }

    @ParameterizedTest
    @FieldSource("SERVICES")
    void whatChangesWithEveryCommitIsOnTop(String service) throws Exception {
        List<List<String>> layers = image(service).layers();
        assertThat(layers).hasSize(3);
        assertThat(layers.get(0)).anyMatch(file -> file.startsWith("shoal/lib/main/io.quarkus."));
        assertThat(layers.get(1)).contains("shoal/quarkus/generated-bytecode.jar");
        assertThat(layers.get(2))
                .contains("shoal/quarkus-run.jar")
                .anyMatch(file -> file.startsWith("shoal/app/" + service));
    }

    @ParameterizedTest
    @FieldSource("SERVICES")
    void isTheSameToTheByteWhenBuiltAgain(String service) throws Exception {
        Path first = write(service, "first.tar");
        Path second = write(service, "second.tar");
        assertThat(Files.mismatch(first, second)).isEqualTo(-1);
    }

    /** One archive, read: the image's configuration and the files of each layer. */
    private record Image(JsonNode config, List<List<String>> layers) {}

    private Image image(String service) throws Exception {
        Map<String, byte[]> files = untar(Files.newInputStream(write(service, "image.tar")));
        JsonNode index = JSON.readTree(files.get("index.json"));
        JsonNode manifest = JSON.readTree(blob(files, index.get("manifests").get(0)));
        List<List<String>> layers = new ArrayList<>();
        for (JsonNode layer : manifest.get("layers")) {
            InputStream bytes = new GZIPInputStream(new ByteArrayInputStream(blob(files, layer)));
            layers.add(List.copyOf(untar(bytes).keySet()));
        }
        return new Image(JSON.readTree(blob(files, manifest.get("config"))), layers);
    }

    private static byte[] blob(Map<String, byte[]> files, JsonNode descriptor) {
        String digest = descriptor.get("digest").asText();
        byte[] blob = files.get("blobs/" + digest.replace(':', '/'));
        assertThat(blob).as(digest).isNotNull();
        return blob;
    }

    private Path write(String service, String name) throws Exception {
        Path app = Path.of("..", "..", "services", service, "target", "quarkus-app");
        Path archive = folder.resolve(name);
        new ServiceImage(service, app).write("scratch", "shoal-" + service + ":test", archive);
        return archive;
    }

    private static Map<String, byte[]> untar(InputStream in) throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isFile()) {
                    files.put(entry.getName(), tar.readAllBytes());
                }
            }
        }
        return files;
    }
}
