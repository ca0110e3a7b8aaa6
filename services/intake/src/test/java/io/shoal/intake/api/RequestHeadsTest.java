package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the head of a request is: where it can be read at all, the refusal is a problem. */
@QuarkusTest
@OnPlatform
class RequestHeadsTest {
    @TestHTTPResource("/v1/")
    private URI base = URI.create("http://never.example");

    private String key = "";

    @BeforeEach
    void aTenant() {
        key = Tenant.create().key();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "GET /v1/transfers HTTP/1.1|Host: y; 400; bad-request",
                "GET / HTTP/1.1; 404; not-found",
                "GET /nothing HTTP/1.1; 404; not-found",
                "GET /v1/../q/metrics HTTP/1.1; 404; not-found",
                "GET /v1/..%2fq/metrics HTTP/1.1; 404; not-found",
                "OPTIONS * HTTP/1.1; 404; not-found",
                "CONNECT a.example:80 HTTP/1.1; 404; not-found",
                "FOO /v1/transfers HTTP/1.1; 405; method-not-allowed",
                "TRACE /v1/transfers HTTP/1.1; 405; method-not-allowed",
                "GET /v1/transfers HTTP/1.1|Accept: text/plain; 406; not-acceptable",
                "GET /v1/transfers HTTP/1.1|Accept: garbage; 406; not-acceptable",
                "POST /v1/transfers HTTP/1.1|Content-Type: garbage|Content-Length: 0; 415; unsupported-type",
            })
    void aRefusalIsAProblem(String head, int status, String code) throws Exception {
        refused(head, status, code);
    }

    @Test
    void aTargetOrFieldsThatAreTooLongAreNamed() throws Exception {
        refused("GET /v1/transfers?x=" + "a".repeat(RequestHeads.TARGET_BYTES) + " HTTP/1.1", 414, "uri-too-long");
        refused("GET /v1/" + "a".repeat(60_000) + " HTTP/1.1", 414, "uri-too-long");
        String field = "|X-Long: " + "b".repeat(RequestHeads.FIELD_BYTES);
        refused("GET /v1/transfers HTTP/1.1" + field, 431, "headers-too-large");
        refused("GET /v1/transfers HTTP/1.1" + "|X-Short: c".repeat(2_000), 431, "headers-too-large");
        String most = "GET /v1/transfers?limit=1&x=" + "a".repeat(8_000) + " HTTP/1.1|X-Long: " + "b".repeat(20_000);
        assertThat(answer(most)).startsWith("HTTP/1.1 200 ");
    }

    /** Documented: the HTTP server cannot read these at all, and answers without a body. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET/v1/transfers",
                "GET /v1/%zz HTTP/1.1",
                "GET /v1/transfers?limit=%zz HTTP/1.1",
                "GET /v1/transfers HTTP/1.1|no field",
                "POST /v1/transfers HTTP/1.1|Content-Type: application/json|Content-Length: x"
            })
    void whatIsNoHttpIsRefusedWithoutABody(String head) throws Exception {
        assertThat(answer(head)).matches("(?s)HTTP/1\\.[01] 400 .*\r\n\r\n");
    }

    @Test
    void noProtocolIsChanged() throws Exception {
        String upgrade = "|Upgrade: h2c|HTTP2-Settings: AAMAAABkAAQAAP__|Connection: Upgrade, HTTP2-Settings";
        assertThat(answer("GET /v1/transfers?limit=1 HTTP/1.1" + upgrade)).startsWith("HTTP/1.1 200 ");
        // The preface of HTTP/2: its server would answer with a frame.
        assertThat(answer("PRI * HTTP/2.0||SM|")).startsWith("HTTP/");
    }

    private void refused(String head, int status, String code) throws IOException {
        String answer = answer(head);
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status + " ")
                .containsIgnoringCase("content-type: " + Problem.MEDIA_TYPE);
        JsonPath problem = JsonPath.from(answer.substring(answer.indexOf("\r\n\r\n") + 4));
        assertThat(problem.getString("code")).isEqualTo(code);
        assertThat(problem.getString("type")).isEqualTo("urn:shoal:problem:" + code);
        assertThat(problem.getInt("status")).isEqualTo(status);
        assertThat(problem.getString("title")).isNotBlank();
        assertThat(problem.getString("detail")).isNotBlank();
        assertThat(problem.getString("instance")).isNotNull();
    }

    /** What is answered to a head whose lines are separated by {@code |}. */
    private String answer(String head) throws IOException {
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            socket.setSoTimeout(30_000);
            String request = head + "|Authorization: Bearer " + key + "|Host: x|Connection: close||";
            socket.getOutputStream().write(request.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
