package io.shoal.storage.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.shoal.storage.PlatformTest;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

@PlatformTest
class SingleHostTest {
    @SuppressWarnings("NullAway.Init") // Quarkus sets it
    @TestHTTPResource("/content/")
    URI base;

    @Test
    void aRequestOfTwoHostsIsRefused() throws Exception {
        assertThat(statusOf("Host: x\r\nHost: y")).isEqualTo("HTTP/1.1 400 Bad Request");
        assertThat(statusOf("Host: x")).startsWith("HTTP/1.1 40").isNotEqualTo("HTTP/1.1 400 Bad Request");
    }

    private String statusOf(String hosts) throws Exception {
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(("GET /content/none/file HTTP/1.1\r\n" + hosts + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }
}
