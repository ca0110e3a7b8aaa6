package io.shoal.bench.control;

import io.shoal.contracts.topics.KafkaClientConfig;
import io.shoal.contracts.topics.Topics;
import io.shoal.embedded.Home;
import io.shoal.embedded.KafkaServer;
import io.shoal.embedded.PostgresServer;
import io.shoal.embedded.RunningServer;
import io.shoal.embedded.S3Server;
import io.shoal.embedded.Server;
import io.shoal.objectstore.MinioObjectStore;
import io.shoal.objectstore.StoreConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/**
 * Kafka, PostgreSQL and S3 servers of one measurement, empty at first, and the replicas that are started over them. Closing ends all
 * of them, the newest first, and deletes what they wrote.
 */
final class Stage implements AutoCloseable {
    /** Of each topic. */
    static final int PARTITIONS = 16;

    static final String OPERATOR_KEY = "bench-operator-0123456789abcdef0123456789abcdef";

    private static final String BUCKET = "shoal";
    private static final Duration SERVER_START = Duration.ofMinutes(2);
    private static final String LINK_KEYS = "1:" + Base64.getEncoder().encodeToString(new byte[32]);

    private final Run run;
    private final int ofEach;
    private final Path folder;
    private final KafkaServer kafka;
    private final S3Server s3;
    private final Databases databases;
    private final Deque<RunningServer> servers = new ArrayDeque<>();
    private final Deque<Replica> replicas = new ArrayDeque<>();
    private int started;

    private Stage(Run run, int ofEach, Path folder) {
        this.run = run;
        this.ofEach = ofEach;
        this.folder = folder;
        this.kafka = KafkaServer.in(folder.resolve("kafka"));
        this.s3 = S3Server.in(folder.resolve("s3"));
        PostgresServer fresh = PostgresServer.in(folder.resolve("postgres"));
        this.databases =
                new Databases(new PostgresServer(fresh.folder(), fresh.host(), fresh.port(), fresh.password(), true));
    }

    /** Starts the servers, with empty databases and topics, for one replica of each service. */
    static Stage start(Run run, Part part) throws Exception {
        return start(run, part, 1);
    }

    /**
     * Starts the servers, with empty databases and topics.
     *
     * @param ofEach replicas of each service that will run together
     */
    static Stage start(Run run, Part part, int ofEach) throws Exception {
        Run.say("%s: starting Kafka, PostgreSQL and S3".formatted(part));
        Stage stage = new Stage(run, ofEach, Files.createTempDirectory(run.folder(), part + "-"));
        try {
            stage.startServers();
            return stage;
        } catch (Exception e) { // whatever it was: the servers that are up must end
            stage.close();
            throw e;
        }
    }

    private void startServers() throws Exception {
        for (Server server : List.of(kafka, new RoomyPostgres(databases.server()), s3)) {
            servers.push(RunningServer.start(server, log(server.name()), SERVER_START));
        }
        databases.create();
        try (Admin admin =
                Topics.connect(KafkaClientConfig.of(Map.of("bootstrap.servers", kafka.bootstrapServers())), "bench")) {
            new Topics(admin, PARTITIONS, (short) -1).ensure();
        }
    }

    Databases databases() {
        return databases;
    }

    String brokers() {
        return kafka.bootstrapServers();
    }

    /** What PostgreSQL logs. */
    Path postgresLog() {
        return log("postgres");
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    /** Puts an object into the bucket. */
    void store(String key, byte[] content) throws Exception {
        URI endpoint = URI.create(s3.endpoint());
        try (MinioObjectStore store = new MinioObjectStore(
                new StoreConfig(endpoint, endpoint, "us-east-1", BUCKET, s3.accessKey(), s3.secretKey()))) {
            store.ensureBucket();
            store.put(key, ByteBuffer.wrap(content));
        }
    }

    /** Starts a replica of intake; does not wait for it. */
    Replica intake() throws IOException {
        Map<String, String> environment = common(Databases.INTAKE);
        environment.put("SHOAL_OPERATOR_KEYS", "bench:" + OPERATOR_KEY);
        environment.put("SHOAL_LINK_BASE", "http://127.0.0.1:9");
        // Limits between tenants would only be in the way.
        environment.put("SHOAL_QUOTA_STORED_BYTES", Long.toString(1L << 60));
        environment.put("SHOAL_QUOTA_TRANSFERS", "10000000");
        environment.put("SHOAL_QUOTA_ACTIVE_DOWNLOADS", "1000000");
        environment.put("SHOAL_QUOTA_REQUESTS_PER_SECOND", "1000");
        environment.put("SHOAL_QUOTA_REQUEST_BURST", "10000");
        environment.put("SHOAL_REQUESTS_ADDRESS_RATE", "10000");
        environment.put("SHOAL_REQUESTS_ADDRESS_BURST", "100000");
        return start("intake", environment);
    }

    /** Starts a replica of storage; does not wait for it. */
    Replica storage() throws IOException {
        return start("storage", common(Databases.STORAGE));
    }

    /** Starts as many replicas of storage; does not wait for them. */
    List<Replica> storages(int count) throws IOException {
        List<Replica> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(storage());
        }
        return all;
    }

    /** Starts as many replicas of storage; returns when all are ready. */
    List<Replica> readyStorages(int count) throws IOException, InterruptedException {
        List<Replica> all = storages(count);
        awaitReady(all);
        return all;
    }

    private Replica start(String module, Map<String, String> environment) throws IOException {
        Replica replica = Replica.start(module, folder, module + "-" + started++, environment);
        replicas.push(replica);
        return replica;
    }

    private Map<String, String> common(String database) {
        Map<String, String> environment = new HashMap<>();
        environment.put("KAFKA_BOOTSTRAP_SERVERS", brokers());
        environment.put("SHOAL_PARTITIONS", Integer.toString(PARTITIONS));
        environment.put("SHOAL_REPLICAS", Integer.toString(ofEach));
        environment.put("SHOAL_S3_ENDPOINT", s3.endpoint());
        environment.put("SHOAL_S3_ACCESS_KEY", s3.accessKey());
        environment.put("SHOAL_S3_SECRET_KEY", s3.secretKey());
        environment.put("SHOAL_S3_BUCKET", BUCKET);
        environment.put("SHOAL_LINK_KEYS", LINK_KEYS);
        environment.put("QUARKUS_DATASOURCE_JDBC_URL", databases.server().jdbcUrl(database));
        environment.put("QUARKUS_DATASOURCE_USERNAME", PostgresServer.USER);
        environment.put("QUARKUS_DATASOURCE_PASSWORD", databases.server().password());
        environment.put("QUARKUS_SHUTDOWN_TIMEOUT", "1s");
        return environment;
    }

    /** Returns when all are ready; throws if one is not in time, or has ended. */
    void awaitReady(List<Replica> waited) throws IOException, InterruptedException {
        if (Double.isInfinite(secondsToReady(waited))) {
            throw new IOException("a replica is not ready after " + Run.PATIENCE.toSeconds() + " s");
        }
    }

    /** Seconds from the start of the first replica until all are ready; infinite if that takes too long. */
    double secondsToReady(List<Replica> waited) throws IOException, InterruptedException {
        for (Replica replica : waited) {
            if (!run.deadline().await(Run.PATIENCE, replica::isReady)) {
                return Double.POSITIVE_INFINITY;
            }
        }
        return waited.getFirst().age();
    }

    /** Ends these replicas. */
    void stop(List<Replica> ended) {
        ended.forEach(replica -> {
            replica.close();
            replicas.remove(replica);
        });
    }

    @Override
    public void close() {
        stop(List.copyOf(replicas));
        servers.forEach(RunningServer::close);
        Home.delete(folder);
    }
}
