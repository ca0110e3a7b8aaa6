package io.shoal.objectstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the configuration changes in the requests that a store gets. */
@Timeout(60)
class StoreConfigTest {
    private static final char[] PASSWORD = "of-the-test".toCharArray();
    private static final StoreCredentials KEY = new StoreCredentials.Fixed("key", "secret", Optional.empty());

    private final List<Headers> puts = new CopyOnWriteArrayList<>();
    private final List<HttpServer> servers = new ArrayList<>();

    @TempDir
    Path folder;

    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        server = serve(HttpServer.create(loopback(), 0), this::answer);
    }

    @AfterEach
    void stop() {
        servers.forEach(each -> each.stop(0));
    }

    @Test
    void anUploadCarriesAChecksumUnlessTheStoreRefusesThem() throws Exception {
        put(config("http", server, KEY, Optional.empty(), true));
        put(config("http", server, KEY, Optional.empty(), false));

        assertThat(puts).hasSize(2);
        assertThat(puts.getFirst()).containsKey("X-amz-checksum-crc32c");
        assertThat(puts.getLast().keySet())
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).contains("checksum"));
    }

    @Test
    void temporaryCredentialsSendTheirToken() throws Exception {
        put(config(
                "http",
                server,
                new StoreCredentials.Fixed("key", "secret", Optional.of("the token")),
                Optional.empty(),
                true));

        assertThat(puts)
                .singleElement()
                .satisfies(headers ->
                        assertThat(headers.getFirst("X-amz-security-token")).isEqualTo("the token"));
    }

    @Test
    void aWebIdentityIsExchangedForCredentials() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer sts = serve(HttpServer.create(loopback(), 0), exchange -> {
            asked.add(exchange.getRequestURI().getQuery());
            reply(exchange, 200, """
                    <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                    <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>temporary</AccessKeyId>
                    <SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken>
                    <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
                    </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>""");
        });
        withWebIdentity(() -> put(config(
                "http",
                server,
                new StoreCredentials.OfIdentity(Optional.of(uri("http", sts))),
                Optional.empty(),
                true)));
        assertThat(asked)
                .singleElement()
                .satisfies(
                        query -> assertThat(query).contains("AssumeRoleWithWebIdentity", "a.web.token", "role/shoal"));
        assertThat(puts).singleElement().satisfies(headers -> {
            assertThat(headers.getFirst("Authorization")).contains("Credential=temporary/");
            assertThat(headers.getFirst("X-amz-security-token")).isEqualTo("session");
        });
    }

    @Test
    void withoutCredentialsTheStoreIsUnavailableWhateverTheTokenServiceAnswers() throws Exception {
        List<URI> services = new ArrayList<>(List.of(URI.create("http://127.0.0.1:1")));
        for (String answer : List.of("", "{}", "<html>busy</html>", "<AssumeRoleWithWebIdentityResponse/>")) {
            services.add(
                    uri("http", serve(HttpServer.create(loopback(), 0), exchange -> reply(exchange, 200, answer))));
        }
        services.add(uri("http", serve(HttpServer.create(loopback(), 0), exchange -> reply(exchange, 503, "busy"))));
        for (URI service : services) {
            withWebIdentity(() -> everyCallLacksCredentials(service));
            everyCallLacksCredentials(service); // as from the metadata service of an instance
        }
        assertThat(puts).isEmpty();
    }

    private void everyCallLacksCredentials(URI service) {
        StoreConfig config =
                config("http", server, new StoreCredentials.OfIdentity(Optional.of(service)), Optional.empty(), true);
        try (MinioObjectStore store = new MinioObjectStore(config)) {
            List<ThrowingCallable> calls = List.of(
                    store::ensureBucket,
                    store::isVersioned,
                    () -> store.put("k", ByteBuffer.allocate(1)),
                    () -> store.open("k", 0, 1),
                    () -> store.completeUpload("k", "upload", List.of("etag")),
                    () -> store.presignGet("k", Duration.ofMinutes(1), Map.of()));
            for (ThrowingCallable call : calls) {
                assertThat(catchThrowable(call))
                        .as("with the token service %s", service)
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageContaining("there are no credentials for it: check the token service");
            }
        }
    }

    @Test
    void aStoreWhoseCertificateTheBundleHasSignedIsTrustedAndNoOther() throws Exception {
        Path certificate = folder.resolve("ca.pem");
        HttpServer secured = serve(secured(certificate), this::answer);

        put(config("https", secured, KEY, Optional.of(certificate), true));
        assertThat(puts).hasSize(1);
        try (MinioObjectStore store = new MinioObjectStore(config("https", secured, KEY, Optional.empty(), true))) {
            assertThatThrownBy(() -> store.put("k", ByteBuffer.allocate(1)))
                    .isInstanceOf(StoreUnavailableException.class);
        }
    }

    @Test
    void aListThatIsCutOffWithoutAPlaceToGoOnIsAnError() throws Exception {
        List<String> keys = new ArrayList<>();
        try (MinioObjectStore store = new MinioObjectStore(config("http", server, KEY, Optional.empty(), true))) {
            assertThatThrownBy(() -> store.list("", listed -> keys.add(listed.key())))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("there is more");
        }
        assertThat(keys).containsExactly("first");
    }

    private interface Step {
        void run() throws Exception;
    }

    /** The SDK reads the variables of a service account from system properties too. */
    private void withWebIdentity(Step step) throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "a.web.token");
        System.setProperty("AWS_WEB_IDENTITY_TOKEN_FILE", token.toString());
        System.setProperty("AWS_ROLE_ARN", "arn:aws:iam::1:role/shoal");
        try {
            step.run();
        } finally {
            System.clearProperty("AWS_WEB_IDENTITY_TOKEN_FILE");
            System.clearProperty("AWS_ROLE_ARN");
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("PUT")) {
            puts.add(exchange.getRequestHeaders());
            exchange.getResponseHeaders().add("ETag", "\"tag\"");
            reply(exchange, 200, "");
        } else {
            reply(exchange, 200, """
                    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>shoal</Name><Prefix></Prefix>
                    <KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated><Contents><Key>first</Key>
                    <LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"tag"</ETag><Size>1</Size>
                    <StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>""");
        }
    }

    private static void put(StoreConfig config) throws StoreUnavailableException {
        try (MinioObjectStore store = new MinioObjectStore(config)) {
            store.put("k", ByteBuffer.wrap("bytes".getBytes(UTF_8)));
        }
    }

    private static StoreConfig config(
            String scheme,
            HttpServer server,
            StoreCredentials credentials,
            Optional<Path> caBundle,
            boolean checksums) {
        URI endpoint = uri(scheme, server);
        return new StoreConfig(endpoint, endpoint, "us-east-1", "shoal", credentials, caBundle, checksums);
    }

    private static URI uri(String scheme, HttpServer server) {
        return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private HttpServer serve(HttpServer created, Answer answer) {
        created.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            answer.to(exchange);
        });
        created.start();
        servers.add(created);
        return created;
    }

    private static void reply(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/xml");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** A server with a certificate that only {@code certificate}, which is written, vouches for. */
    private HttpsServer secured(Path certificate) throws Exception {
        Path keys = folder.resolve("keys.p12");
        keytool(keys, List.of("-genkeypair", "-keyalg", "EC", "-dname", "CN=store", "-ext", "SAN=IP:127.0.0.1"));
        keytool(keys, List.of("-exportcert", "-rfc", "-file", certificate.toString()));
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        HttpsServer created = HttpsServer.create(loopback(), 0);
        created.setHttpsConfigurator(new HttpsConfigurator(context));
        return created;
    }

    private static void keytool(Path keys, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(arguments);
        Map.of(
                        "-alias",
                        "store",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        keys.toString())
                .forEach((option, value) -> command.addAll(List.of(option, value)));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
