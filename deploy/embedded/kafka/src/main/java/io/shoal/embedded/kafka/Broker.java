package io.shoal.embedded.kafka;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka node, broker and controller in one (KRaft), of the properties in the file that is its only argument. Its folder
 * is formatted when it is new. Ends on SIGTERM.
 */
public final class Broker {
    private Broker() {}

    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of(args[0]))) {
            properties.load(file);
        }
        format(properties);
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "shutdown"));
        server.startup();
        server.awaitShutdown();
    }

    private static void format(Properties properties) throws IOException {
        Path folder = Path.of(properties.getProperty("log.dirs"));
        Path id = folder.resolveSibling(folder.getFileName() + ".cluster-id");
        if (!Files.exists(id)) {
            Files.createDirectories(folder);
            Files.writeString(id, Uuid.randomUuid().toString(), StandardCharsets.US_ASCII);
        }
        Formatter formatter = new Formatter()
                .setClusterId(Files.readString(id, StandardCharsets.US_ASCII))
                .setNodeId(Integer.parseInt(properties.getProperty("node.id")))
                .setControllerListenerName(properties.getProperty("controller.listener.names"))
                .setReleaseVersion(MetadataVersion.latestProduction())
                .setIgnoreFormatted(true)
                .addDirectory(folder.toString())
                .setMetadataLogDirectory(folder.toString());
        try {
            formatter.run();
        } catch (Exception e) {
            throw new IOException("cannot format " + folder, e);
        }
    }
}
