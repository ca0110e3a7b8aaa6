package io.shoal.contracts.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.embedded.KafkaServer;
import io.shoal.embedded.Ports;
import io.shoal.embedded.RunningServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker as a provider runs it: TLS with a certificate of its own, and a password for each client. */
class SecuredKafkaTest {
    private static final String LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required ";

    @TempDir
    private static Path folder;

    private static String servers = "";
    private static @Nullable RunningServer running;

    @BeforeAll
    static void start() throws Exception {
        Path keys = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "broker",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=broker",
                        "-ext",
                        "SAN=IP:127.0.0.1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "of-the-test",
                        "-keystore",
                        keys.toString())
                .inheritIO()
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).isZero();
        KafkaServer plain = KafkaServer.in(folder.resolve("kafka"));
        int secured = Ports.free();
        servers = "127.0.0.1:" + secured;
        KafkaServer server = plain.with(Map.of(
                "listeners",
                "PLAINTEXT://127.0.0.1:%d,SECURED://%s,CONTROLLER://127.0.0.1:%d"
                        .formatted(plain.port(), servers, plain.controllerPort()),
                "advertised.listeners",
                "PLAINTEXT://127.0.0.1:%d,SECURED://%s".formatted(plain.port(), servers),
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,SECURED:SASL_SSL,CONTROLLER:PLAINTEXT",
                "listener.name.secured.sasl.enabled.mechanisms",
                "PLAIN",
                "listener.name.secured.plain.sasl.jaas.config",
                LOGIN + "user_shoal=\"good\";",
                "ssl.keystore.type",
                "PKCS12",
                "ssl.keystore.location",
                keys.toString(),
                "ssl.keystore.password",
                "of-the-test",
                "ssl.key.password",
                "of-the-test"));
        running = RunningServer.start(server, folder.resolve("kafka.log"), Duration.ofSeconds(90));
    }

    @AfterAll
    static void stop() {
        Objects.requireNonNull(running).close();
    }

    private static KafkaClientConfig config(String password) {
        return KafkaClientConfig.of(Map.of(
                "bootstrap.servers",
                servers,
                "security.protocol",
                "SASL_SSL",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                LOGIN + "username=\"shoal\" password=\"" + password + "\";",
                "ssl.truststore.type",
                "PKCS12",
                "ssl.truststore.location",
                folder.resolve("keys.p12").toString(),
                "ssl.truststore.password",
                "of-the-test"));
    }

    @Test
    @Timeout(90)
    void everyKindOfClientGetsThrough() throws Exception {
        KafkaClientConfig config = config("good");
        try (Admin admin = Topics.connect(config, "admin")) {
            ensure(new Topics(admin, 1, (short) 1));
        }
        try (var producer =
                new KafkaProducer<>(config.producer("producer"), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(Topic.CONTENT_NAME, "key", "value"))
                    .get();
        }
        Map<String, Object> reading = new HashMap<>(config.consumer("consumer"));
        reading.put("auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(Topic.CONTENT_NAME, 0)));
            ConsumerRecords<String, String> records = ConsumerRecords.empty();
            while (records.isEmpty()) {
                records = consumer.poll(Duration.ofMillis(200));
            }
            assertThat(records)
                    .singleElement()
                    .satisfies(record -> assertThat(record.value()).isEqualTo("value"));
        }
    }

    @Test
    @Timeout(90)
    void aWrongPasswordIsSaid() {
        try (Admin admin = Topics.connect(config("bad"), "admin")) {
            assertThatThrownBy(() -> new Topics(admin, 1, (short) 1).ensure())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
    }

    private static void ensure(Topics topics) throws InterruptedException {
        boolean done = false;
        while (!done) {
            try {
                topics.ensure();
                done = true;
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOf(org.apache.kafka.common.errors.RetriableException.class);
            }
        }
    }
}
