package io.shoal.intake.api;

import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies that are wrong, truncated, hostile or too large: each is refused by name, and the service lives on. */
@QuarkusTest
@OnPlatform
class RequestBodiesTest {
    @TestHTTPResource("/v1/transfers")
    private URI transfers = URI.create("http://never.example");

    private final HttpClient client = HttpClient.newHttpClient();
    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    @Test
    void metainfoThatBreaksARuleIsRefusedByFieldAndRule() {
        refused("no bencode", "torrent");
        refused("", "torrent");
        refused("i1e", "torrent");
        refused("de", "info");
        refused("d4:infod6:lengthi1e4:name1:a12:piece lengthi16384e6:pieces3:abcee", "info.pieces");
        refused("d4:infod6:lengthi1e4:name1:a12:piece lengthi7e6:pieces20:aaaaaaaaaaaaaaaaaaaaee", "info.piece length");
        refused("d4:infod4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee", "info.length");
        refused("l".repeat(100_000), "torrent");
        refused("d4:info99999999999:", "torrent");
    }

    @Test
    void aTruncatedTorrentIsRefusedWhereverItEnds() {
        byte[] whole = Torrents.several().encode();
        for (int length : new int[] {1, 10, whole.length / 2, whole.length - 1}) {
            submit(Arrays.copyOf(whole, length)).then().statusCode(422).body("code", equalTo("invalid-metainfo"));
        }
    }

    @Test
    void damagedTorrentsNeverHurt() throws Exception {
        byte[] whole = Torrents.several().encode();
        Random random = new Random(42);
        for (int i = 0; i < 40; i++) {
            byte[] damaged = whole.clone();
            for (int j = 0; j < 3; j++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Assertions.assertThat(send("application/x-bittorrent", damaged)).isIn(200, 201, 422);
        }
        tenant.add(Torrents.small());
    }

    @Test
    void jsonIsChecked() {
        json("{").then().statusCode(400).body("code", equalTo("malformed-json"));
        json("{}").then().statusCode(422).body("rule", equalTo("must have one of metainfo, magnet and url"));
        json("{\"metainfo\":\"ZGU=\",\"magnet\":\"magnet:?\"}").then().statusCode(422);
        json("{\"metainfo\":\"***\"}").then().statusCode(422).body("field", equalTo("metainfo"));
        json("{\"metainfo\":7}").then().statusCode(422).body("field", equalTo("metainfo"));
        json("{\"magnet\":\"http://example\"}")
                .then()
                .statusCode(422)
                .body("code", equalTo("invalid-magnet"))
                .body("field", equalTo("magnet"));
        json("{\"magnet\":\"magnet:?xt=urn:btih:zz\"}").then().statusCode(422).body("field", equalTo("magnet.xt"));
        json("{\"surprise\":1}").then().statusCode(422).body("field", equalTo("surprise"));
        json("{\"wanted\":[\"0\"]}").then().statusCode(422).body("field", equalTo("wanted[0]"));
        String torrent = Base64.getEncoder().encodeToString(Torrents.small().encode());
        tenant.submit(Map.of("metainfo", torrent, "wanted", List.of(1)))
                .then()
                .statusCode(422)
                .body("field", equalTo("wanted"));
        tenant.submit(Map.of("metainfo", torrent, "ratio", 1_001))
                .then()
                .statusCode(422)
                .body("field", equalTo("ratio"));
    }

    @Test
    void aNumberThatDoesNotFitIsRefusedByFieldAndNotAsJson() {
        for (String number :
                List.of("1" + "0".repeat(30), "1099511627776", "1.5", "\"1\"", "-2147483649", "1e3", "true")) {
            json("{\"wanted\":[" + number + "]}")
                    .then()
                    .statusCode(422)
                    .body("code", equalTo("invalid-field"))
                    .body("field", equalTo("wanted[0]"));
            Tenant.operator()
                    .contentType(ContentType.JSON)
                    .body("{\"activeDownloads\":" + number + "}")
                    .patch("/v1/tenants/" + tenant.id() + "/quota")
                    .then()
                    .statusCode(422)
                    .body("field", equalTo("activeDownloads"));
        }
        for (String number : List.of("\"1\"", "true", "[1]", "{}", "1e999", "-1")) {
            json("{\"magnet\":\"" + Torrents.magnet(Torrents.small()) + "\",\"ratio\":" + number + "}")
                    .then()
                    .statusCode(422)
                    .body("code", equalTo("invalid-field"))
                    .body("field", equalTo("ratio"));
        }
        for (String value : List.of("1" + "0".repeat(1_200), "[".repeat(20) + "]".repeat(20))) {
            json("{\"ratio\":" + value + "}").then().statusCode(422).body("code", equalTo("invalid-field"));
        }
    }

    @Test
    void aFieldThatAppearsTwiceIsRefusedByName() {
        json("{\"magnet\":\"magnet:?x\",\"paused\":true,\"paused\":false}")
                .then()
                .statusCode(422)
                .body("code", equalTo("invalid-field"))
                .body("field", equalTo("paused"))
                .body("rule", equalTo("must not appear twice in one object"));
    }

    @Test
    void anEncodedBodyIsRefusedAndTheAnswerSaysWhatIsTaken() {
        for (String encoding : List.of("gzip", "deflate", "br", "identity, gzip")) {
            tenant.asks()
                    .header("Content-Encoding", encoding)
                    .contentType(ContentType.JSON)
                    .body("{}".getBytes(StandardCharsets.US_ASCII))
                    .post("/v1/transfers")
                    .then()
                    .statusCode(415)
                    .header("Accept-Encoding", "identity")
                    .body("code", equalTo("unsupported-encoding"));
        }
        Tenant.operator()
                .header("Content-Encoding", "gzip")
                .contentType("text/plain")
                .body("x")
                .post("/v1/deny")
                .then()
                .statusCode(415)
                .body("code", equalTo("unsupported-encoding"));
        tenant.asks()
                .header("Content-Encoding", "identity")
                .contentType(ContentType.JSON)
                .body("{}")
                .post("/v1/transfers")
                .then()
                .statusCode(422);
    }

    @Test
    void anotherTypeIsNotUnderstood() {
        tenant.asks()
                .contentType("text/plain")
                .body("x")
                .post("/v1/transfers")
                .then()
                .statusCode(415)
                .contentType("application/problem+json")
                .body("code", equalTo("unsupported-type"));
        tenant.asks()
                .contentType("application/xml")
                .body("{}")
                .patch("/v1/transfers/" + tenant.add(Torrents.small()))
                .then()
                .statusCode(415);
        tenant.asks().put("/v1/transfers").then().statusCode(405).body("code", equalTo("method-not-allowed"));
        tenant.asks().get("/v1/nothing").then().statusCode(404);
    }

    @Test
    void aLargeMetainfoInsideJsonMustComeAsItIs() throws Exception {
        for (int characters : new int[] {(8 << 20) / 3 * 4 + 8, 13 << 20}) {
            String body = "{\"metainfo\":\"" + "A".repeat(characters) + "\"}";
            Assertions.assertThat(send("application/json", body.getBytes(StandardCharsets.US_ASCII)))
                    .isEqualTo(413);
        }
    }

    @Test
    void aBodyThatAnnouncesTooMuchIsRefusedUnread() throws IOException {
        String answer = raw("Content-Length: " + ((100L << 20) + 1), new byte[0]);
        Assertions.assertThat(answer).startsWith("HTTP/1.1 413").contains("\"code\":\"too-large\"");
    }

    @Test
    void aBodyOfUnknownLengthIsReadNoFurtherThanTheLimit() throws IOException {
        byte[] chunk = new byte[1 << 20];
        Arrays.fill(chunk, (byte) 'x');
        String answer = raw("Transfer-Encoding: chunked", chunk);
        Assertions.assertThat(answer).startsWith("HTTP/1.1 413").contains("\"code\":\"too-large\"");
        tenant.add(Torrents.small());
    }

    /** Sends a .torrent head, then {@code chunk} until the service has had enough; what it answered. */
    private String raw(String framing, byte[] chunk) throws IOException {
        try (Socket socket = begin(framing)) {
            OutputStream out = socket.getOutputStream();
            try {
                byte[] head = (Integer.toHexString(chunk.length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
                for (int i = 0; i < 101 && chunk.length > 0; i++) {
                    out.write(head);
                    out.write(chunk);
                    out.write(new byte[] {'\r', '\n'});
                }
                out.flush();
            } catch (IOException e) {
                // it may hang up as soon as it has had enough
            }
            return answer(socket);
        }
    }

    /** A connection on which the head of a submission was sent. */
    private Socket begin(String framing) throws IOException {
        Socket socket = new Socket(transfers.getHost(), transfers.getPort());
        socket.setSoTimeout(30_000);
        socket.getOutputStream()
                .write(("POST /v1/transfers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + tenant.key()
                                + "\r\nContent-Type: application/x-bittorrent\r\n" + framing + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** Returns what the service sends until the end of a problem, or of the connection. */
    private static String answer(Socket socket) throws IOException {
        StringBuilder answer = new StringBuilder();
        InputStream in = socket.getInputStream();
        try {
            for (int c = in.read(); c >= 0; c = in.read()) {
                answer.append((char) c);
                if (c == '}') {
                    break;
                }
            }
        } catch (SocketException e) {
            // cut off
        }
        return answer.toString();
    }

    @Test
    @Timeout(60)
    void bodiesThatTrickleHoldUpNoOtherCallerAndAreCutAtTheirDeadline() throws Exception {
        byte[] begun = "d4:info".getBytes(StandardCharsets.US_ASCII);
        List<Socket> tricklers = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                Socket socket = begin("Content-Length: " + (100 << 20));
                tricklers.add(socket);
                socket.getOutputStream().write(begun);
                socket.getOutputStream().flush();
            }
            Tenant other = Tenant.create();
            long before = System.nanoTime();
            other.add(Torrents.small());
            Tenant.create();
            Assertions.assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(4));
            // Two are read until their deadline; the others find no place before.
            for (Socket socket : tricklers) {
                String answer = answer(socket);
                Assertions.assertThat(answer.isEmpty() || answer.contains("\"code\":\"busy\""))
                        .as(answer)
                        .isTrue();
            }
            tenant.add(Torrents.small());
        } finally {
            for (Socket socket : tricklers) {
                socket.close();
            }
        }
    }

    @Test
    void aBodyWithoutATypeIsRefused() throws Exception {
        String transfer = tenant.add(Torrents.small());
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(transfers + "/" + transfer))
                        .header("Authorization", "Bearer " + tenant.key())
                        .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"paused\":true}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        Assertions.assertThat(answer.statusCode()).isEqualTo(415);
        Assertions.assertThat(answer.body()).contains("\"code\":\"unsupported-type\"");
        tenant.get(transfer).then().body("paused", equalTo(false));
    }

    @Test
    void aRequestOfTwoHostsIsRefused() throws IOException {
        try (Socket socket = begin("Host: y\r\nContent-Length: 0")) {
            Assertions.assertThat(answer(socket)).startsWith("HTTP/1.1 400").contains("\"code\":\"bad-request\"");
        }
    }

    @Test
    void textThatCannotBeKeptIsRefusedInEveryField() {
        json("{\"magnet\":\"magnet:?xt=urn:btih:" + "a".repeat(40) + "&dn=\\ud800\"}")
                .then()
                .statusCode(422)
                .body("field", equalTo("magnet"));
        json("{\"magnet\":\"magnet:?xt=urn:btih:" + "a".repeat(40) + "&dn=\\u0000\"}")
                .then()
                .statusCode(422)
                .body("field", equalTo("magnet"));
        json("{\"magnet\":\" magnet:?xt=urn:btih:" + "c".repeat(40) + "&amp;dn=pasted\\r\\n\"}")
                .then()
                .statusCode(201)
                .body("name", equalTo("pasted"));
        json("{\"\\ud800\":1}").then().statusCode(400).body("code", equalTo("malformed-json"));
        json("{\"" + "\ud83c\udfac".repeat(150) + "\":1}")
                .then()
                .statusCode(422)
                .body("field", equalTo("\ud83c\udfac".repeat(100)));
        tenant.patch(tenant.add(Torrents.small()), "{\"\\udc00\":1}").then().statusCode(400);
        json("{\"magnet\":\"magnet:?xt=urn:btih:" + "b".repeat(40) + "&dn=\ud83c\udfac\"}")
                .then()
                .statusCode(201)
                .body("name", equalTo("\ud83c\udfac"));
    }

    @Test
    void aLargeTorrentIsTaken() throws Exception {
        Metainfo small = Torrents.small();
        byte[] padding = new byte[20 << 20];
        byte[] torrent = small.encode();
        byte[] head = ("d1:a" + padding.length + ":").getBytes(StandardCharsets.US_ASCII);
        byte[] large = new byte[head.length + padding.length + torrent.length - 1];
        System.arraycopy(head, 0, large, 0, head.length);
        System.arraycopy(torrent, 1, large, head.length + padding.length, torrent.length - 1);
        Assertions.assertThat(send("application/x-bittorrent", large)).isEqualTo(201);
    }

    /** The status of the answer; for bodies that RestAssured takes long for. */
    private int send(String type, byte[] body) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(transfers)
                                .header("Authorization", "Bearer " + tenant.key())
                                .header("Content-Type", type)
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private void refused(String torrent, String field) {
        submit(torrent.getBytes(StandardCharsets.US_ASCII))
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("type", equalTo("urn:shoal:problem:invalid-metainfo"))
                .body("field", equalTo(field))
                .body("rule", notNullValue());
    }

    private Response submit(byte[] body) {
        return tenant.asks().contentType("application/x-bittorrent").body(body).post("/v1/transfers");
    }

    private Response json(String body) {
        return tenant.asks().contentType(ContentType.JSON).body(body).post("/v1/transfers");
    }
}
