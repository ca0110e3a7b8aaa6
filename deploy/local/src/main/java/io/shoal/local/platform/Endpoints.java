package io.shoal.local.platform;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The URLs and keys of a running platform: {@code endpoints.json} in its folder, mode 0600, which exists only while the
 * platform is up.
 *
 * @param api base URL of intake
 * @param operatorKey bearer of it may create tenants
 * @param trackerHttp announce URLs, one of each replica
 * @param trackerUdp announce URLs, one of each replica
 * @param kafka bootstrap servers
 * @param postgres URL of the server, without a database
 */
public record Endpoints(
        String api,
        String operatorKey,
        List<String> trackerHttp,
        List<String> trackerUdp,
        S3 s3,
        String kafka,
        String postgres,
        List<Running> processes) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** The object store. */
    public record S3(String endpoint, String accessKey, String secretKey, String bucket) {}

    /**
     * One child process.
     *
     * @param pid of the process that runs, or of the last that ran
     * @param management base URL of its health and metrics; null for those that are not ours
     * @param peerPorts where a worker listens for peers; empty for others
     */
    public record Running(String name, long pid, @Nullable String management, List<Integer> peerPorts) {}

    /** The file of a platform in {@code folder}. */
    public static Path file(Path folder) {
        return folder.resolve("endpoints.json");
    }

    /** Those of the platform that runs in {@code folder}; a plain error if none does. */
    public static Endpoints read(Path folder) throws IOException {
        if (!Files.exists(file(folder))) {
            throw new IOException(
                    "no platform runs in %s; start it with ./shoal up --data %s".formatted(folder, folder));
        }
        return JSON.readValue(file(folder).toFile(), Endpoints.class);
    }

    /** All announce URLs. */
    public List<String> trackers() {
        return Stream.concat(trackerHttp.stream(), trackerUdp.stream()).toList();
    }

    void write(Path folder) throws IOException {
        PrivateFile.write(file(folder), JSON.writeValueAsBytes(this));
    }
}
