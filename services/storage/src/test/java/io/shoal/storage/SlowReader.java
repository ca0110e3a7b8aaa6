package io.shoal.storage;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A client that sends one GET and reads the answer only as far as the test wants. */
final class SlowReader implements AutoCloseable {
    private static final int WINDOW = 8 << 10;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final String head;

    /** Sends the request and reads the head of the answer. */
    SlowReader(URI uri) throws IOException {
        socket.setReceiveBufferSize(WINDOW);
        socket.setSoTimeout(30_000);
        socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
        socket.getOutputStream()
                .write(("GET " + uri.getRawPath() + " HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        in = new DataInputStream(socket.getInputStream());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (!bytes.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            bytes.write(in.readByte());
        }
        head = bytes.toString(StandardCharsets.ISO_8859_1);
    }

    int status() {
        return Integer.parseInt(head.substring(9, 12));
    }

    boolean hasHeader(String name) {
        return head.toLowerCase(java.util.Locale.ROOT).contains("\r\n" + name + ": ");
    }

    /** Reads that many bytes of the body. */
    byte[] read(int count) throws IOException {
        byte[] bytes = new byte[count];
        in.readFully(bytes);
        return bytes;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
