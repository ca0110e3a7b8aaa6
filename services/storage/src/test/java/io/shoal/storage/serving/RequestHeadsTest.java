package io.shoal.storage.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.restassured.path.json.JsonPath;
import io.shoal.storage.PlatformTest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever the head of a request is: where it can be read at all, the refusal is a problem. */
@PlatformTest
class RequestHeadsTest {
    @SuppressWarnings("NullAway.Init") // Quarkus sets it
    @TestHTTPResource("/content/")
    URI base;

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "GET /content/none/file HTTP/1.1|Host: y; 400; bad-request",
                "GET /content/none/file HTTP/1.1; 403; bad-link",
                "GET /content/none HTTP/1.1; 404; not-found",
                "GET /content/none/ HTTP/1.1; 404; not-found",
                "GET / HTTP/1.1; 404; not-found",
                "GET /content/../q/metrics HTTP/1.1; 404; not-found",
                "GET /q/health/ready HTTP/1.1; 404; not-found",
                "OPTIONS * HTTP/1.1; 404; not-found",
                "POST /content/none/file HTTP/1.1|Content-Length: 0; 405; method-not-allowed",
                "FOO /content/none/file HTTP/1.1; 405; method-not-allowed",
            })
    void aRefusalIsAProblem(String head, int status, String code) throws Exception {
        refused(head, status, code);
    }

    @Test
    void aTargetOrFieldsThatAreTooLongAreNamed() throws Exception {
        refused("GET /content/" + "a".repeat(RequestHeads.TARGET_BYTES) + "/file HTTP/1.1", 414, "uri-too-long");
        String field = "|X-Long: " + "b".repeat(RequestHeads.FIELD_BYTES);
        refused("GET /content/none/file HTTP/1.1" + field, 431, "headers-too-large");
        refused("GET /content/none/" + "%c3%a4%c3%a4".repeat(512) + " HTTP/1.1", 403, "bad-link");
    }

    @Test
    void noProtocolIsChanged() throws Exception {
        String upgrade = "|Upgrade: h2c|HTTP2-Settings: AAMAAABkAAQAAP__|Connection: Upgrade, HTTP2-Settings";
        assertThat(answer("GET /content/none/file HTTP/1.1" + upgrade)).startsWith("HTTP/1.1 403 ");
        // The preface of HTTP/2: its server would answer with a frame.
        assertThat(answer("PRI * HTTP/2.0||SM|")).startsWith("HTTP/");
    }

    private void refused(String head, int status, String code) throws IOException {
        String answer = answer(head);
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status + " ")
                .containsIgnoringCase("content-type: application/problem+json")
                .containsIgnoringCase("x-content-type-options: nosniff");
        JsonPath problem = JsonPath.from(answer.substring(answer.indexOf("\r\n\r\n") + 4));
        assertThat(problem.getString("code")).isEqualTo(code);
        assertThat(problem.getString("type")).isEqualTo("urn:shoal:problem:" + code);
        assertThat(problem.getInt("status")).isEqualTo(status);
        assertThat(problem.getString("title")).isNotBlank();
        assertThat(problem.getString("detail")).isNotBlank();
    }

    /** What is answered to a head whose lines are separated by {@code |}. */
    private String answer(String head) throws IOException {
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            socket.setSoTimeout(30_000);
            String request = head + "|Host: x|Connection: close||";
            socket.getOutputStream().write(request.replace("|", "\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
