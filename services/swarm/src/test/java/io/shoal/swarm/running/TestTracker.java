package io.shoal.swarm.running;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A tracker on loopback that returns every other peer to each peer, and records its announces. */
public final class TestTracker implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("[?&]port=(\\d+)");
    private static final Pattern EVENT = Pattern.compile("[?&]event=(\\w+)");
    private static final Pattern PEER_ID = Pattern.compile("[?&]peer_id=([^&]+)");

    private final HttpServer server;
    private final String times;
    private final Set<Integer> ports = ConcurrentHashMap.newKeySet();

    /** {@code peer id + event} of each announce, in order. */
    public final List<String> announces = new CopyOnWriteArrayList<>();

    public TestTracker() throws IOException {
        this("8:intervali5e");
    }

    /** One that is to be asked every half hour, but may be asked sooner. */
    static TestTracker patient() throws IOException {
        return new TestTracker("8:intervali1800e12:min intervali2e");
    }

    private TestTracker(String times) throws IOException {
        this.times = times;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/announce", this::announce);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/announce";
    }

    private void announce(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().toString();
        int port = Integer.parseInt(find(PORT, query));
        String event = find(EVENT, query);
        announces.add(find(PEER_ID, query) + " " + event);
        ByteArrayOutputStream peers = new ByteArrayOutputStream();
        for (int other : ports) {
            if (other != port) {
                peers.writeBytes(new byte[] {127, 0, 0, 1, (byte) (other >> 8), (byte) other});
            }
        }
        if (event.equals("stopped")) {
            ports.remove(port);
        } else {
            ports.add(port);
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(("d" + times + "5:peers" + peers.size() + ":").getBytes(StandardCharsets.US_ASCII));
        body.writeBytes(peers.toByteArray());
        body.write('e');
        exchange.sendResponseHeaders(200, body.size());
        exchange.getResponseBody().write(body.toByteArray());
        exchange.close();
    }

    private static String find(Pattern pattern, String query) {
        Matcher matcher = pattern.matcher(query);
        return matcher.find() ? matcher.group(1) : "";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
