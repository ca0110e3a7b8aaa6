package io.shoal.tracker.http;

import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BencodeDecoder;
import io.shoal.tracker.Loopback;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** A raw socket that speaks HTTP as a client would, or as none should. */
final class Client implements AutoCloseable {
    static final String HASH = "%01%23%45%67%89%ab%cd%ef%01%23%45%67%89%ab%cd%ef%01%23%45%67";
    static final String WHO = "info_hash=" + HASH + "&peer_id=-TS0001-abcdefghijkl";
    static final String LEECH = WHO + "&port=6881&uploaded=0&downloaded=0&left=5";

    /** The body as ISO 8859-1, which keeps every byte. */
    record Response(String status, Map<String, String> headers, String body) {
        byte[] bytes() {
            return body.getBytes(StandardCharsets.ISO_8859_1);
        }

        BDictionary dictionary() throws Exception {
            return BencodeDecoder.decodeLeadingDictionary(bytes());
        }

        String failure() throws Exception {
            return text(dictionary(), "failure reason");
        }
    }

    private final Socket socket;
    private final InputStream in;

    Client(Loopback tracker) throws IOException {
        this(tracker.address, tracker.http.port());
    }

    Client(InetAddress address, int port) throws IOException {
        socket = new Socket(address, port);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    static Response get(Loopback tracker, String target, String... headers) throws IOException {
        try (Client client = new Client(tracker)) {
            client.send("GET " + target + " HTTP/1.1\r\nHost: t\r\n" + String.join("", headers) + "\r\n");
            return client.read(true);
        }
    }

    static Response announce(Loopback tracker, String query, String... headers) throws IOException {
        return get(tracker, "/announce?" + query, headers);
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    Response read(boolean withBody) throws IOException {
        String status = line();
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.get("content-length"));
        return new Response(
                status, headers, withBody ? new String(in.readNBytes(length), StandardCharsets.ISO_8859_1) : "");
    }

    /** Whether a part of a response has come already. */
    boolean hasBytes() throws IOException {
        return in.available() > 0;
    }

    boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the connection ended after: " + line);
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    static String text(BDictionary dictionary, String key) {
        return new String(bytes(dictionary, key), StandardCharsets.UTF_8);
    }

    static byte[] bytes(BDictionary dictionary, String key) {
        return Objects.requireNonNull(dictionary.string(key), key).bytes();
    }

    static long number(BDictionary dictionary, String key) {
        return Objects.requireNonNull(dictionary.integer(key), key).value();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
