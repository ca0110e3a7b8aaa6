package io.shoal.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
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
