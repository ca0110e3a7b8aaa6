package io.shoal.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedServersTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @Test
    void kafkaStartsAgainOnWhatItKept(@TempDir Path folder) throws Exception {
        KafkaServer kafka = KafkaServer.in(folder);
        for (int life = 0; life < 2; life++) {
            try (RunningServer running = RunningServer.start(kafka, folder.resolve("kafka.log"), TIMEOUT)) {
                assertThat(running.process().isAlive()).isTrue();
            }
            assertThat(kafka.isReady()).isFalse();
        }
    }

    @Test
    void aClassArchiveOfOtherJarsIsReplacedBeforeTheJvmComplains(@TempDir Path folder) throws Exception {
        KafkaServer kafka = KafkaServer.in(folder);
        ClassArchive archive = kafka.classArchive().orElseThrow();
        RunningServer.start(kafka, folder.resolve("first.log"), TIMEOUT).close();
        assertThat(archive.isCurrent()).isTrue();

        Path jar;
        try (Stream<Path> jars = Files.list(archive.program())) {
            jar = jars.filter(each -> each.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow();
        }
        FileTime before = Files.getLastModifiedTime(jar);
        Files.setLastModifiedTime(jar, FileTime.fromMillis(before.toMillis() + 60_000));
        try {
            assertThat(archive.isCurrent()).isFalse();
            for (String log : List.of("newer.log", "again.log")) {
                RunningServer.start(kafka, folder.resolve(log), TIMEOUT).close();
                assertThat(Files.readString(folder.resolve(log))).doesNotContain("shared archive", "[cds", "[aot");
                assertThat(archive.isCurrent()).isTrue();
            }
        } finally {
            Files.setLastModifiedTime(jar, before);
        }
    }

    @Test
    void postgresKeepsItsDatabases(@TempDir Path folder) throws Exception {
        PostgresServer postgres = PostgresServer.in(folder);
        for (int life = 0; life < 2; life++) {
            try (RunningServer running = RunningServer.start(postgres, folder.resolve("postgres.log"), TIMEOUT)) {
                postgres.ensureDatabase("intake");
                try (var connection = DriverManager.getConnection(
                                postgres.jdbcUrl("intake"), PostgresServer.USER, postgres.password());
                        var statement = connection.createStatement()) {
                    statement.execute("create table if not exists kept (n int)");
                    statement.execute("insert into kept values (1)");
                    var count = statement.executeQuery("select count(*) from kept");
                    count.next();
                    assertThat(count.getInt(1)).isEqualTo(life + 1);
                }
                assertThat(running.process().isAlive()).isTrue();
            }
        }
    }

    @Test
    void s3Answers(@TempDir Path folder) throws Exception {
        S3Server s3 = S3Server.in(folder);
        try (RunningServer running = RunningServer.start(s3, folder.resolve("s3.log"), TIMEOUT)) {
            assertThat(running.process().isAlive()).isTrue();
            assertThat(s3.isReady()).isTrue();
        }
    }
}
