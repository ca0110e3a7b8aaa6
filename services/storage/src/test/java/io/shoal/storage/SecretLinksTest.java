package io.shoal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.http.TestHTTPResource;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A link is a right, so no log contains one, whatever fails. */
@PlatformTest
class SecretLinksTest {
    @SuppressWarnings("NullAway.Init") // Quarkus sets it
    @TestHTTPResource("/content/")
    URI base;

    @Inject
    TestServers servers;

    @Inject
    FaultyStore faults;

    @Inject
    FaultyDatabase database;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            StringWriter text = new StringWriter();
            text.append(record.getMessage()).append(Arrays.toString(record.getParameters()));
            if (record.getThrown() != null) {
                record.getThrown().printStackTrace(new PrintWriter(text, true));
            }
            logged.add(text.toString());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        Logger.getLogger("").addHandler(handler);
    }

    @AfterEach
    void heal() {
        Logger.getLogger("").removeHandler(handler);
        faults.heal();
        database.setDown(false);
    }

    @Test
    void noFailureIsLoggedWithTheLink() throws Exception {
        Sample sample = Sample.of(100, 8 << 20);
        servers.plan(sample, 1);
        servers.download(sample);
        String token = servers.token(sample, 1, "a name", Instant.now().plusSeconds(600));
        await().until(() -> get(token).statusCode() == 200);

        faults.setError(new OutOfMemoryError("thrown by the test"));
        HttpResponse<byte[]> error = get(token);
        assertThat(error.statusCode()).isEqualTo(500);
        assertThat(error.headers().firstValue("Content-Type")).contains("application/problem+json");
        faults.heal();
        assertThat(logged).anyMatch(text -> text.contains("thrown by the test"));

        try (SlowReader reader = new SlowReader(base.resolve(token + "/name"))) {
            faults.setError(new StackOverflowError("thrown in the middle"));
            assertThat(ends(reader)).isTrue();
        }
        faults.heal();
        await().untilAsserted(() -> assertThat(logged).anyMatch(text -> text.contains("thrown in the middle")));

        faults.setRefusing(true);
        assertThat(get(token).statusCode()).isEqualTo(500);
        faults.heal();
        faults.setDown(true);
        assertThat(get(token).statusCode()).isEqualTo(503);
        faults.heal();
        database.setDown(true);
        get(token);
        database.setDown(false);
        get(token + "%zz");
        get(token.substring(1));

        assertThat(logged).noneMatch(text -> text.contains(token.substring(1, 40)));
    }

    private static boolean ends(SlowReader reader) {
        try {
            reader.read(8 << 20);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private HttpResponse<byte[]> get(String token) throws IOException, InterruptedException {
        URI uri = URI.create(
                base.toString().replace("/content/", "") + "/content/" + token.replace("%zz", "%25zz") + "/name");
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
    }
}
