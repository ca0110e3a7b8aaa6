package io.shoal.embedded;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * One Kafka node in a JVM of its own.
 *
 * @param folder that it keeps its log in
 * @param host it listens on
 * @param port for clients
 * @param controllerPort for itself
 * @param settings of the broker, in place of or besides the usual ones
 */
public record KafkaServer(Path folder, String host, int port, int controllerPort, Map<String, String> settings)
        implements Server {
    private static final ClassArchive ARCHIVE = ClassArchive.ofLibraries("deploy/embedded/kafka");

    /** A node with the usual settings. */
    public KafkaServer(Path folder, String host, int port, int controllerPort) {
        this(folder, host, port, controllerPort, Map.of());
    }

    /** A new node on loopback, at free ports. */
    public static KafkaServer in(Path folder) {
        var ports = Ports.free(2);
        return new KafkaServer(folder, "127.0.0.1", ports.get(0), ports.get(1));
    }

    /** The same node with other settings. */
    public KafkaServer with(Map<String, String> others) {
        return new KafkaServer(folder, host, port, controllerPort, Map.copyOf(others));
    }

    /** What clients are told. */
    public String bootstrapServers() {
        return host + ":" + port;
    }

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public void prepare() throws IOException {
        Files.createDirectories(folder);
        Properties p = new Properties();
        p.setProperty("process.roles", "broker,controller");
        p.setProperty("node.id", "1");
        p.setProperty("log.dirs", folder.resolve("log").toString());
        p.setProperty("listeners", "PLAINTEXT://%s:%d,CONTROLLER://127.0.0.1:%d".formatted(host, port, controllerPort));
        p.setProperty("advertised.listeners", "PLAINTEXT://" + bootstrapServers());
        p.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.setProperty("controller.listener.names", "CONTROLLER");
        p.setProperty("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        p.setProperty("default.replication.factor", "1");
        p.setProperty("min.insync.replicas", "1");
        p.setProperty("offsets.topic.replication.factor", "1");
        p.setProperty("offsets.topic.num.partitions", "4");
        p.setProperty("transaction.state.log.replication.factor", "1");
        p.setProperty("transaction.state.log.min.isr", "1");
        p.setProperty("transaction.state.log.num.partitions", "4");
        p.setProperty("share.coordinator.state.topic.replication.factor", "1");
        p.setProperty("share.coordinator.state.topic.min.isr", "1");
        p.setProperty("share.coordinator.state.topic.num.partitions", "1");
        p.setProperty("group.initial.rebalance.delay.ms", "0");
        // A worker that died is noticed in 10 s instead of 45.
        p.setProperty("group.consumer.min.session.timeout.ms", "1000");
        p.setProperty("group.consumer.session.timeout.ms", "10000");
        p.setProperty("group.consumer.min.heartbeat.interval.ms", "500");
        p.setProperty("group.consumer.heartbeat.interval.ms", "2000");
        p.setProperty("auto.create.topics.enable", "false");
        p.setProperty("num.network.threads", "1");
        p.setProperty("num.io.threads", "2");
        p.setProperty("background.threads", "2");
        p.setProperty("log.segment.bytes", Integer.toString(64 << 20));
        p.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20));
        p.putAll(settings);
        try (Writer file = Files.newBufferedWriter(properties())) {
            p.store(file, null);
        }
    }

    @Override
    public ProcessBuilder command() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Home.java(),
                "-Xms96m",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseCompactObjectHeaders",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"));
        command.addAll(ARCHIVE.options());
        command.addAll(List.of(
                "-cp",
                Home.classPath(ARCHIVE.program()),
                "io.shoal.embedded.kafka.Broker",
                properties().toString()));
        return new ProcessBuilder(command);
    }

    @Override
    public Optional<ClassArchive> classArchive() {
        return Optional.of(ARCHIVE);
    }

    @Override
    public boolean isReady() {
        return Ports.isOpen(host, port);
    }

    private Path properties() {
        return folder.resolve("server.properties");
    }
}
