package io.shoal.intake.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusMock;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.egress.http.ScriptedServer;
import io.shoal.intake.fetches.DisabledFetches;
import io.shoal.intake.fetches.UrlFetches;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A URL instead of a .torrent: what it leads to is added as if it had been sent. */
@QuarkusTest
@OnPlatform
class UrlSubmissionsTest {
    private final Metainfo torrent = Torrents.small();
    private Tenant tenant = new Tenant("", "");

    @BeforeEach
    void aTenant() {
        tenant = Tenant.create();
    }

    private Response add(String url) {
        return tenant.submit(Map.of("url", url));
    }

    private static void send(OutputStream out, String head, byte[] body) throws IOException {
        out.write(("HTTP/1.1 " + head + "\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(UTF_8));
        out.write(body);
    }

    private static void redirect(OutputStream out, String location) throws IOException {
        send(out, "302 Found\r\nLocation: " + location, new byte[0]);
    }

    private ScriptedServer torrentServer() throws IOException {
        return new ScriptedServer((request, out) -> send(out, "200 OK", torrent.encode()));
    }

    private void added(Response response) {
        response.then()
                .statusCode(201)
                .body("infoHash", equalTo(torrent.info().hash().hex()));
    }

    private static void refused(Response response, String code) {
        response.then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("code", equalTo(code))
                .body("type", equalTo("urn:shoal:problem:" + code));
    }

    private void refusedUrl(String url, String code) {
        refused(add(url), code);
    }

    @Test
    void theTorrentIsFetchedAndAddedAsIfItHadBeenSent() throws Exception {
        try (ScriptedServer server = torrentServer()) {
            Response first = tenant.submit(Map.of("url", " " + server.url() + "\n", "paused", true, "ratio", 2));
            added(first);
            first.then()
                    .header("Location", endsWith("/v1/transfers/" + first.path("id")))
                    .body("name", equalTo(torrent.info().name()))
                    .body("paused", equalTo(true))
                    .body("ratio", equalTo(2.0f));
            tenant.get(first.path("id")).then().statusCode(200).body("paused", equalTo(true));
            for (Response again : List.of(add(server.url()), tenant.submit(torrent))) {
                again.then().statusCode(200).body("id", equalTo(first.path("id")));
            }
            refused(Tenant.create().submit(Map.of("url", server.url(), "wanted", List.of(1))), "invalid-field");
        }
    }

    @Test
    void theBytesCountAndNotTheContentType() throws Exception {
        ScriptedServer.Script html = (request, out) -> send(out, "200 OK\r\nContent-Type: text/html", torrent.encode());
        try (ScriptedServer server = new ScriptedServer(html)) {
            added(add(server.url()));
        }
    }

    @Test
    void aCompressedTorrentIsDecompressed() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(torrent.encode());
        }
        ScriptedServer.Script gzipped =
                (request, out) -> send(out, "200 OK\r\nContent-Encoding: gzip", packed.toByteArray());
        try (ScriptedServer server = new ScriptedServer(gzipped)) {
            added(add(server.url()));
        }
    }

    @Test
    void redirectsAreFollowed() throws Exception {
        ScriptedServer.Script hops = (request, out) -> {
            switch (request.substring(0, request.indexOf(" HTTP"))) {
                case "GET /announce" -> redirect(out, "/two/");
                case "GET /two/" -> redirect(out, "three?a=b");
                case "GET /two/three?a=b" -> redirect(out, "?%2f");
                default -> send(out, "200 OK", torrent.encode());
            }
        };
        try (ScriptedServer server = new ScriptedServer(hops)) {
            added(add(server.url()));
            assertThat(server.heads).hasSize(4);
        }
        try (ScriptedServer loop = new ScriptedServer((request, out) -> redirect(out, "/announce"))) {
            refusedUrl(loop.url(), "url-redirect");
        }
        try (ScriptedServer away = new ScriptedServer((request, out) -> redirect(out, "file:///etc/passwd"))) {
            refusedUrl(away.url(), "url-redirect");
        }
    }

    @Test
    void aMagnetIsAMagnetWhetherItIsTheUrlOrRedirectedTo() throws Exception {
        String magnet = "magnet:?xt=urn:btih:" + torrent.info().hash().hex() + "&dn=\u7535\u5f71";
        try (ScriptedServer server = new ScriptedServer((request, out) -> redirect(out, magnet))) {
            Response first = tenant.submit(Map.of("url", server.url(), "paused", true));
            added(first);
            first.then()
                    .body("state", equalTo("PAUSED"))
                    .body("name", equalTo("\u7535\u5f71"))
                    .body("paused", equalTo(true));
            add(" " + magnet).then().statusCode(200).body("id", equalTo(first.path("id")));
            tenant.submit(Map.of("magnet", magnet)).then().statusCode(200).body("id", equalTo(first.path("id")));
        }
        add("MAGNET:?xt=urn:btih:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").then().statusCode(201);
        refusedUrl("magnet:?xt=urn:btih:zz", "invalid-magnet");
        try (ScriptedServer server = new ScriptedServer((request, out) -> redirect(out, "magnet:?dn=x"))) {
            refusedUrl(server.url(), "invalid-magnet");
        }
    }

    @Test
    void whatIsNoTorrentIsNamedAndNotShown() throws Exception {
        String page = "<html>please log in, internal-host.example</html>";
        for (String body : List.of(page, "", "\u001f\u008b")) {
            try (ScriptedServer server = new ScriptedServer(
                    (request, out) -> send(out, "200 OK\r\nX-Secret: s3cret", body.getBytes(UTF_8)))) {
                Response response = add(server.url());
                refused(response, "not-a-torrent");
                assertThat(response.asString()).doesNotContain("log in", "internal-host", "s3cret", "127.0.0.1");
            }
        }
        try (ScriptedServer server = new ScriptedServer((request, out) -> send(out, "200 OK", "de".getBytes(UTF_8)))) {
            Response response = add(server.url());
            refused(response, "invalid-metainfo");
            response.then().body("field", equalTo("info"));
        }
        try (ScriptedServer server =
                new ScriptedServer((request, out) -> send(out, "404 Gone away", page.getBytes(UTF_8)))) {
            Response response = add(server.url());
            refused(response, "url-status");
            response.then().body("serverStatus", equalTo(404));
            assertThat(response.asString()).doesNotContain("Gone away", "log in");
        }
    }

    @Test
    void aUrlIsReadAsOtherClientsReadIt() throws Exception {
        try (ScriptedServer server = torrentServer()) {
            added(add("HTTP://127.0.0.1:" + server.port() + "/a b|c/\u7535.torrent?q=\u00fc&passkey=1|2#part"));
            assertThat(server.heads.remove())
                    .startsWith("GET /a%20b|c/%E7%94%B5.torrent?q=%C3%BC&passkey=1|2 HTTP/1.1\n");
            add("http://[::ffff:127.0.0.1]:" + server.port()).then().statusCode(200);
            add(server.url() + "?jackett_apikey=" + "k".repeat(5_000)).then().statusCode(200);
        }
        try (ScriptedServer six = new ScriptedServer(
                "::1", ServerSocketFactory.getDefault(), (request, out) -> send(out, "200 OK", torrent.encode()))) {
            add("http://[::1]:" + six.port() + "/").then().statusCode(200);
        }
    }

    @Test
    void whatIsNoUrlThatCanBeFetchedIsRefusedByName() {
        for (String other : List.of(
                "ftp://example.org/a",
                "udp://tracker.example:80",
                "file:///etc/passwd",
                "file:/etc/passwd",
                "data:,de",
                "javascript:alert(1)")) {
            refusedUrl(other, "url-not-allowed");
        }
        for (String broken : List.of(
                "",
                "a.torrent",
                "a.example:80/b",
                "a.example:80",
                "http:/a",
                "http://",
                "https://:1/",
                "http://a:99999/",
                "http://a/" + "b".repeat(9_000))) {
            Response response = add(broken);
            refused(response, "invalid-field");
            response.then().body("field", equalTo("url"));
        }
        refused(tenant.submit(Map.of("url", "http://a/", "magnet", "magnet:?")), "invalid-field");
    }

    @Test
    void userAndPasswordAreSentToTheirOwnServerOnlyAndShownNowhere() throws Exception {
        try (ScriptedServer other = torrentServer();
                ScriptedServer first = new ScriptedServer((request, out) -> {
                    if (request.contains("Basic dXNlcjpwQHNz")) {
                        redirect(out, other.url());
                    } else {
                        send(out, "401 Unauthorized", new byte[0]);
                    }
                })) {
            Response response = add(first.url().replace("//", "//user:p%40ss@"));
            added(response);
            assertThat(other.heads.remove()).doesNotContainIgnoringCase("authorization");
            assertThat(response.asString()).doesNotContain("user", "p@ss", "p%40ss", "127.0.0.1");
            String id = response.path("id");
            assertThat(tenant.get(id).asString()).doesNotContain("p@ss", "p%40ss");
            assertThat(tenant.asks().get("/v1/transfers/" + id + "/metainfo").asByteArray())
                    .asString(UTF_8)
                    .doesNotContain("p%40ss");

            Response wrong = add(first.url().replace("//", "//user:wr0ng@"));
            refused(wrong, "url-status");
            wrong.then().body("serverStatus", equalTo(401));
            assertThat(wrong.asString()).doesNotContain("wr0ng");
        }
    }

    @Test
    void aDeniedTorrentIsRefused() throws Exception {
        Tenant.operator().put("/v1/deny/" + torrent.info().hash().hex()).then().statusCode(200);
        String magnet = Torrents.magnet(torrent);
        try (ScriptedServer server = new ScriptedServer((request, out) -> {
            if (request.startsWith("GET /magnet")) {
                redirect(out, magnet);
            } else {
                send(out, "200 OK", torrent.encode());
            }
        })) {
            for (String url : List.of(server.url(), server.url().replace("/announce", "/magnet"), magnet)) {
                add(url).then().statusCode(403).body("code", equalTo("denied"));
            }
        }
    }

    @Test
    void theOperatorCanDisableIt() throws Exception {
        QuarkusMock.installMockForType(new DisabledFetches(), UrlFetches.class);
        try (ScriptedServer server = torrentServer()) {
            add(server.url()).then().statusCode(403).body("code", equalTo("url-fetching-disabled"));
            assertThat(server.heads).isEmpty();
        }
        add(Torrents.magnet(torrent)).then().statusCode(201);
    }
}
