package io.shoal.egress.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ServerSocketFactory;

/** A server that reads the head of a request and then does what a test says. */
public final class ScriptedServer implements AutoCloseable {
    /** Answers one request; the connection is closed after it. */
    public interface Script {
        void answer(String head, OutputStream out) throws IOException, InterruptedException;
    }

    private final ServerSocket server;
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    /** The heads of the requests so far. */
    public final Queue<String> heads = new ConcurrentLinkedQueue<>();

    public ScriptedServer(String address, ServerSocketFactory factory, Script script) throws IOException {
        server = factory.createServerSocket(0, 200, InetAddress.ofLiteral(address));
        Thread.ofVirtual().start(() -> accept(script));
    }

    public ScriptedServer(Script script) throws IOException {
        this("127.0.0.1", ServerSocketFactory.getDefault(), script);
    }

    /** Answers with these bytes. */
    public static ScriptedServer with(String head, byte[] body) throws IOException {
        return new ScriptedServer((request, out) -> {
            out.write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            out.write(body);
        });
    }

    public int port() {
        return server.getLocalPort();
    }

    public String url() {
        return "http://127.0.0.1:" + port() + "/announce";
    }

    private void accept(Script script) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket, script));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void serve(Socket socket, Script script) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            StringBuilder head = new StringBuilder();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                head.append(line).append('\n');
            }
            heads.add(head.toString());
            script.answer(head.toString(), socket.getOutputStream());
        } catch (IOException e) {
            // The client has gone away: some of the tests are about that.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
