package io.shoal.local.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shoal's API, version 1, as one tenant or the operator uses it. */
public final class ShoalClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** A URL that is submitted is fetched before the answer. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    private final URI api;
    private final String key;

    /**
     * @param api base URL of intake
     * @param key of the tenant or the operator
     */
    public ShoalClient(String api, String key) {
        this.api = URI.create(api);
        this.key = key;
    }

    /** A tenant that was just created; the key is shown this once. */
    public record Tenant(String id, String name, String key) {}

    /** One file of a transfer, its path with {@code /} between components. */
    public record File(int index, String path, long size, boolean wanted) {}

    /** What the user of the passkey of this name sent and received of a private torrent, in bytes. */
    public record Account(String name, long uploaded, long downloaded) {}

    /** As the operator: a new tenant. */
    public Tenant createTenant(String name) throws IOException, InterruptedException {
        return createTenant(Map.of("name", name));
    }

    /** As the operator: a new tenant in the pool with this id. */
    public Tenant createMember(String name, String pool) throws IOException, InterruptedException {
        return createTenant(Map.of("name", name, "pool", pool));
    }

    /** As the operator: a new pool; returns its id. */
    public String createPool(String name) throws IOException, InterruptedException {
        return json(request("/v1/pools").POST(body(Map.of("name", name))), "application/json")
                .path("id")
                .asText();
    }

    private Tenant createTenant(Map<String, String> wish) throws IOException, InterruptedException {
        JsonNode tenant = json(request("/v1/tenants").POST(body(wish)), "application/json");
        return new Tenant(
                tenant.path("id").asText(),
                tenant.path("name").asText(),
                tenant.path("key").asText());
    }

    /** As the operator: denies the torrent with this info-hash. */
    public void deny(String infoHash) throws IOException, InterruptedException {
        send(request("/v1/deny/" + infoHash).PUT(BodyPublishers.noBody()), "application/json");
    }

    /** As the operator: the worker that reported last about a transfer of any tenant; null if none has. */
    public @Nullable String worker(String transfer) throws IOException, InterruptedException {
        return json(request("/v1/slices?transfer=" + transfer).GET(), "application/json")
                .path("items")
                .path(0)
                .path("report")
                .path("worker")
                .textValue();
    }

    /** A new passkey for a user of the tenant's private torrents: our announce URLs with it, HTTP first. */
    public List<String> passkey(String name) throws IOException, InterruptedException {
        JsonNode passkey = json(request("/v1/passkeys").POST(body(Map.of("name", name))), "application/json");
        List<String> announce = new ArrayList<>();
        passkey.path("announce").forEach(url -> announce.add(url.asText()));
        return announce;
    }

    /** Submits the bytes of a .torrent; submitting it again finds the same transfer. */
    public Transfer submit(byte[] torrent) throws IOException, InterruptedException {
        return Transfer.of(
                json(request("/v1/transfers").POST(BodyPublishers.ofByteArray(torrent)), "application/x-bittorrent"));
    }

    /** Submits what a JSON body says: {@code magnet}, {@code url} or {@code metainfo}, with wishes. */
    public Transfer submit(Map<String, Object> wish) throws IOException, InterruptedException {
        return Transfer.of(json(request("/v1/transfers").POST(body(wish)), "application/json"));
    }

    /** How a transfer stands. */
    public Transfer transfer(String id) throws IOException, InterruptedException {
        return Transfer.of(json(request("/v1/transfers/" + id).GET(), "application/json"));
    }

    /** The peers and pieces of a transfer, as the API shows them. */
    public JsonNode swarm(String id) throws IOException, InterruptedException {
        return json(request("/v1/transfers/" + id + "/swarm").GET(), "application/json");
    }

    /** The events of a transfer, from now on; the caller closes the stream. */
    public InputStream events(String id) throws IOException, InterruptedException {
        return open(request("/v1/transfers/" + id + "/events").GET().build());
    }

    /** The first page of the tenant's transfers. */
    public List<Transfer> transfers() throws IOException, InterruptedException {
        JsonNode page = json(request("/v1/transfers?limit=100").GET(), "application/json");
        List<Transfer> transfers = new ArrayList<>();
        page.path("items").forEach(item -> transfers.add(Transfer.of(item)));
        return transfers;
    }

    /** The first page of the files of a transfer. */
    public List<File> files(String id) throws IOException, InterruptedException {
        JsonNode page = json(request("/v1/transfers/" + id + "/files").GET(), "application/json");
        List<File> files = new ArrayList<>();
        (page.isArray() ? page : page.path("items"))
                .forEach(file -> files.add(new File(
                        file.path("index").asInt(),
                        file.path("path").asText(),
                        file.path("size").asLong(),
                        file.path("wanted").asBoolean())));
        return files;
    }

    /** What the users of the tenant's passkeys did with a private torrent. */
    public List<Account> accounts(String id) throws IOException, InterruptedException {
        List<Account> accounts = new ArrayList<>();
        json(request("/v1/transfers/" + id + "/accounting").GET(), "application/json")
                .path("items")
                .forEach(item -> accounts.add(new Account(
                        item.path("name").asText(),
                        item.path("uploaded").asLong(),
                        item.path("downloaded").asLong())));
        return accounts;
    }

    /** Changes the wishes of a transfer. */
    public void change(String id, Map<String, Object> wish) throws IOException, InterruptedException {
        json(request("/v1/transfers/" + id).method("PATCH", body(wish)), "application/json");
    }

    /** Removes a transfer. */
    public void remove(String id) throws IOException, InterruptedException {
        send(request("/v1/transfers/" + id).DELETE(), "application/json");
    }

    /** A fresh link to a file. */
    public URI link(String id, int file) throws IOException, InterruptedException {
        JsonNode link = json(
                request("/v1/transfers/%s/files/%d/links".formatted(id, file)).POST(BodyPublishers.noBody()),
                "application/json");
        return URI.create(link.path("url").asText());
    }

    /** The bytes behind a link, wherever it leads; the caller closes the stream. */
    public static InputStream open(URI link) throws IOException, InterruptedException {
        return open(HttpRequest.newBuilder(link).build());
    }

    private static InputStream open(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = HTTP.send(request, BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            try (InputStream body = response.body()) {
                throw new ApiException(
                        response.statusCode(),
                        "",
                        new String(body.readNBytes(500), java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        return response.body();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(api.resolve(path)).timeout(TIMEOUT).header("Authorization", "Bearer " + key);
    }

    private static JsonNode json(HttpRequest.Builder request, String type) throws IOException, InterruptedException {
        return JSON.readTree(send(request, type));
    }

    private static byte[] send(HttpRequest.Builder builder, String type) throws IOException, InterruptedException {
        HttpRequest request = builder.header("Content-Type", type).build();
        HttpResponse<byte[]> response;
        try {
            response = HTTP.send(request, BodyHandlers.ofByteArray());
        } catch (ConnectException e) {
            throw new IOException("nothing answers at " + request.uri().getAuthority(), e);
        }
        if (response.statusCode() >= 300) {
            throw problem(response);
        }
        return response.body();
    }

    private static ApiException problem(HttpResponse<byte[]> response) throws IOException {
        try {
            JsonNode problem = JSON.readTree(response.body());
            String detail = problem.path("detail").asText(problem.path("title").asText());
            return new ApiException(response.statusCode(), problem.path("code").asText(), detail);
        } catch (JsonProcessingException e) {
            return new ApiException(response.statusCode(), "", "an answer that is no problem report");
        }
    }

    private static HttpRequest.BodyPublisher body(Map<String, ?> value) throws JsonProcessingException {
        return BodyPublishers.ofByteArray(JSON.writeValueAsBytes(value));
    }
}
