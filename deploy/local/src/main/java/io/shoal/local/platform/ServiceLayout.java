package io.shoal.local.platform;

import io.shoal.embedded.KafkaServer;
import io.shoal.embedded.PostgresServer;
import io.shoal.embedded.S3Server;
import io.shoal.embedded.Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All processes of one platform with their ports, keys and configuration, drawn up before any of them runs. Kafka and
 * PostgreSQL are always on loopback: only the services need them.
 */
final class ServiceLayout {
    /** How long a worker may take to store or spill its open segments when it stops. */
    static final Duration HAND_OVER = Duration.ofSeconds(8);

    /** How long requests in flight may take when intake or storage stops; the rest of its wave is for closing clients. */
    private static final Duration REQUESTS_GRACE = Duration.ofSeconds(1);

    private static final String BUCKET = "shoal";
    private static final String PARTITIONS = "16";
    private static final int PEER_PORTS = 4;
    private static final int CONNECTION_KEY_BYTES = 16;

    /** Small, and quick to start. A service that runs out of memory ends, and is started again. */
    private static final List<String> SMALL_JVM = List.of(
            "-Xms32m",
            "-Xmx160m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseCompactObjectHeaders",
            "-XX:MaxDirectMemorySize=64m",
            "--sun-misc-unsafe-memory-access=allow");

    /** A worker moves every byte: worth the optimizing compiler. */
    private static final List<String> WORKER_JVM = List.of(
            "-Xms64m",
            "-Xmx384m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+UseCompactObjectHeaders",
            "-XX:MaxDirectMemorySize=384m",
            "--sun-misc-unsafe-memory-access=allow");

    private final Options options;
    private final Settings settings;
    private final KafkaServer kafka;
    private final PostgresServer postgres;
    /** What may be reached although it is not globally routable: the platform itself, and what runs beside it. */
    private final String network;

    private final @Nullable Server s3Server;
    private final Endpoints.S3 s3;
    private final List<ServiceProcess> services = new ArrayList<>();
    private final List<ServiceProcess> workers = new ArrayList<>();

    ServiceLayout(Options options) throws IOException {
        this.options = options;
        this.network = Subnet.of(options.bind()).cidr();
        this.settings = Settings.of(options.folder(), options.bind());
        if (options.apiPort() != 0) {
            settings.setPort("intake", options.apiPort());
        }
        Path folder = options.folder();
        kafka = new KafkaServer(
                folder.resolve("kafka"), Options.LOOPBACK, settings.port("kafka"), settings.port("kafka-controller"));
        postgres = new PostgresServer(
                folder.resolve("postgres"),
                Options.LOOPBACK,
                settings.port("postgres"),
                settings.key("postgres"),
                true);
        switch (options.s3()) {
            case S3Choice.Bundled() -> {
                S3Server bundled = new S3Server(
                        folder.resolve("s3"),
                        options.bind(),
                        settings.port("s3"),
                        settings.key("s3-access"),
                        settings.key("s3-secret"));
                s3Server = bundled;
                s3 = new Endpoints.S3(bundled.endpoint(), bundled.accessKey(), bundled.secretKey(), BUCKET);
            }
            case S3Choice.Minio(Path program) -> {
                MinioServer minio = new MinioServer(
                        program,
                        folder.resolve("minio"),
                        options.bind(),
                        settings.port("s3"),
                        settings.key("s3-access"),
                        settings.key("s3-secret"));
                s3Server = minio;
                s3 = new Endpoints.S3(minio.endpoint(), minio.accessKey(), minio.secretKey(), BUCKET);
            }
            case S3Choice.External(URI endpoint, String accessKey, String secretKey) -> {
                s3Server = null;
                s3 = new Endpoints.S3(endpoint.toString(), accessKey, secretKey, BUCKET);
            }
        }
        services.add(service("intake", SMALL_JVM, intake()));
        services.add(service("storage", SMALL_JVM, storage()));
        for (int i = 0; i < options.trackers(); i++) {
            services.add(tracker(i));
        }
        for (int i = 0; i < options.workers(); i++) {
            workers.add(worker(i));
        }
    }

    /** The servers that the services need. */
    List<Server> foundations() {
        return s3Server == null ? List.of(kafka, postgres) : List.of(kafka, postgres, s3Server);
    }

    PostgresServer postgres() {
        return postgres;
    }

    /** The services without the workers. */
    List<ServiceProcess> services() {
        return List.copyOf(services);
    }

    List<ServiceProcess> workers() {
        return List.copyOf(workers);
    }

    Endpoints endpoints(List<Endpoints.Running> processes) throws IOException {
        return new Endpoints(
                url("intake").toString(),
                settings.key("operator"),
                trackerUrls("http"),
                trackerUrls("udp"),
                s3,
                kafka.bootstrapServers(),
                "postgresql://%s:%s@%s:%d"
                        .formatted(PostgresServer.USER, postgres.password(), postgres.host(), postgres.port()),
                processes);
    }

    private Map<String, String> intake() throws IOException {
        Map<String, String> environment = new HashMap<>(store());
        environment.putAll(database("intake"));
        environment.put("SHOAL_OPERATOR_KEYS", "local:" + settings.key("operator"));
        // One user's machine: limits between tenants would only be in the way.
        environment.put("SHOAL_QUOTA_REQUESTS_PER_SECOND", "1000");
        environment.put("SHOAL_QUOTA_REQUEST_BURST", "10000");
        environment.put("SHOAL_REQUESTS_ADDRESS_RATE", "1000");
        environment.put("SHOAL_REQUESTS_ADDRESS_BURST", "10000");
        environment.put("SHOAL_LINK_KEYS", "1:" + settings.base64Key("link"));
        environment.put("SHOAL_LINK_BASE", url("storage").toString());
        environment.put("SHOAL_EGRESS_ALLOW", network);
        environment.put("QUARKUS_SHUTDOWN_TIMEOUT", REQUESTS_GRACE.toSeconds() + "s");
        environment.put(
                "SHOAL_TRACKER_URLS",
                String.join(",", trackerUrls("http")) + "," + String.join(",", trackerUrls("udp")));
        return environment;
    }

    private Map<String, String> storage() throws IOException {
        Map<String, String> environment = new HashMap<>(store());
        environment.putAll(database("storage"));
        environment.put("SHOAL_LINK_KEYS", "1:" + settings.base64Key("link"));
        environment.put("QUARKUS_SHUTDOWN_TIMEOUT", REQUESTS_GRACE.toSeconds() + "s");
        return environment;
    }

    private ServiceProcess tracker(int replica) throws IOException {
        String name = replica("tracker", replica);
        String port = Integer.toString(settings.port(replica("announce", replica)));
        Map<String, String> environment = Map.of(
                "SHOAL_TRACKER_BIND",
                options.bind(),
                "SHOAL_TRACKER_HTTP_PORT",
                port,
                "SHOAL_TRACKER_UDP_PORT",
                port,
                "SHOAL_TRACKER_REPLICA",
                Integer.toString(replica),
                "SHOAL_TRACKER_CONNECTION_KEYS",
                settings.base64Key("connections", CONNECTION_KEY_BYTES),
                "SHOAL_TRACKER_INTERVAL",
                "30s",
                "SHOAL_TRACKER_MIN_INTERVAL",
                "10s",
                // One machine: all clients share its address. None may announce another one.
                "SHOAL_TRACKER_RATE",
                "0");
        return new ServiceProcess(name, "tracker", management(name), SMALL_JVM, common(name, environment), List.of());
    }

    /** The first is called as if it were the only one. */
    private static String replica(String name, int number) {
        return number == 0 ? name : name + "-" + number;
    }

    private ServiceProcess worker(int number) throws IOException {
        String name = "worker-" + number;
        Path folder =
                Files.createDirectories(options.folder().resolve("workers").resolve(name));
        int basePort = settings.firstPort(name + "-peers", PEER_PORTS);
        Map<String, String> environment = new HashMap<>(store());
        environment.put("SHOAL_WORKER_NAME", name);
        environment.put("SHOAL_LEAVE_FILE", folder.resolve("leave").toString());
        environment.put("SHOAL_HAND_OVER", HAND_OVER.toSeconds() + "s");
        environment.put("SHOAL_PEER_BIND", options.bind());
        environment.put("SHOAL_PEER_BASE_PORT", Integer.toString(basePort));
        environment.put("SHOAL_PEER_ANNOUNCE", options.bind());
        environment.put("SHOAL_EGRESS_ALLOW", network);
        environment.put("SHOAL_SCRATCH_FILE", folder.resolve("scratch").toString());
        environment.put("SHOAL_SCRATCH_BYTES", Long.toString(1L << 30));
        environment.put("SHOAL_CACHE_BYTES", Long.toString(64L << 20));
        environment.put("SHOAL_FLEET_KEY", settings.base64Key("fleet"));
        return new ServiceProcess(
                name,
                "swarm",
                management(name),
                WORKER_JVM,
                common(name, environment),
                IntStream.range(basePort, basePort + PEER_PORTS).boxed().toList());
    }

    private ServiceProcess service(String name, List<String> jvm, Map<String, String> environment) throws IOException {
        Map<String, String> own = new HashMap<>(environment);
        own.put("QUARKUS_HTTP_HOST", options.bind());
        own.put("QUARKUS_HTTP_PORT", Integer.toString(settings.port(name)));
        return new ServiceProcess(name, name, management(name), jvm, common(name, own), List.of());
    }

    private Map<String, String> common(String name, Map<String, String> own) throws IOException {
        Map<String, String> environment = new HashMap<>(own);
        environment.put("QUARKUS_MANAGEMENT_HOST", options.bind());
        environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(managementPort(name)));
        environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
        environment.put("SHOAL_PARTITIONS", PARTITIONS);
        environment.putAll(options.environment());
        return environment;
    }

    private Map<String, String> store() {
        return Map.of(
                "SHOAL_S3_ENDPOINT", s3.endpoint(),
                "SHOAL_S3_ACCESS_KEY", s3.accessKey(),
                "SHOAL_S3_SECRET_KEY", s3.secretKey(),
                "SHOAL_S3_BUCKET", s3.bucket());
    }

    private Map<String, String> database(String name) {
        return Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL", postgres.jdbcUrl(name),
                "QUARKUS_DATASOURCE_USERNAME", PostgresServer.USER,
                "QUARKUS_DATASOURCE_PASSWORD", postgres.password());
    }

    private URI url(String name) throws IOException {
        return URI.create("http://" + options.bind() + ":" + settings.port(name));
    }

    /** Where health and metrics are, which no other path of a service leads to. */
    private URI management(String name) throws IOException {
        return URI.create("http://" + options.bind() + ":" + managementPort(name));
    }

    private int managementPort(String name) throws IOException {
        return settings.port(name + "-management");
    }

    private List<String> trackerUrls(String scheme) throws IOException {
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < options.trackers(); i++) {
            urls.add("%s://%s:%d/announce".formatted(scheme, options.bind(), settings.port(replica("announce", i))));
        }
        return List.copyOf(urls);
    }
}
