package io.shoal.local.hostile;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A seed that gives one wrong byte in every few blocks. It speaks just enough of the protocol (BEP 3) to be believed, over
 * plain sockets and from an address of its own, so that a ban of it is a ban of nobody else.
 */
public final class LyingSeed implements AutoCloseable {
    private static final int CHOKED_MESSAGES_MAX = 1 << 17;
    private static final int HANDSHAKE_BYTES = 68;
    private static final int PATIENCE_MILLIS = 10_000;
    private static final byte BITFIELD = 5;
    private static final byte UNCHOKE = 1;
    private static final byte REQUEST = 6;
    private static final byte PIECE = 7;

    private final byte[] infoHash;
    private final Path file;
    private final long length;
    private final int pieceLength;
    private final int oneIn;
    private final InetAddress address;
    private final ServerSocket listening;
    private final byte[] peerId = new byte[20];
    private final AtomicLong given = new AtomicLong();
    private final AtomicLong lies = new AtomicLong();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();

    /**
     * @param file the torrent's one file
     * @param oneIn one block in so many is a lie
     * @param address of loopback, that nobody else uses
     */
    public LyingSeed(byte[] infoHash, Path file, int pieceLength, int oneIn, InetAddress address) throws IOException {
        this.infoHash = infoHash.clone();
        this.file = file;
        this.length = file.toFile().length();
        this.pieceLength = pieceLength;
        this.oneIn = oneIn;
        this.address = address;
        new SecureRandom().nextBytes(peerId);
        System.arraycopy("-XX0001-".getBytes(StandardCharsets.US_ASCII), 0, peerId, 0, 8);
        listening = new ServerSocket();
        listening.bind(new InetSocketAddress(address, 0));
        Thread.ofPlatform().daemon().name("lying-seed").start(this::accept);
    }

    /** Blocks that it has given, true and false ones. */
    public long given() {
        return given.get();
    }

    /** Blocks with a wrong byte that it has given. */
    public long lies() {
        return lies.get();
    }

    /** Connections that others have made to it. */
    public int calls() {
        return calls.get();
    }

    /** Connections that are open. */
    public int connections() {
        return connections.get();
    }

    /**
     * Calls a peer, from its own address.
     *
     * @return whether the peer says anything after its handshake, and so has let it in
     */
    public boolean isLetInBy(InetSocketAddress peer) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(address, 0));
            socket.connect(peer, PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            shakeHands(out);
            socket.getInputStream().skipNBytes(HANDSHAKE_BYTES);
            return socket.getInputStream().read() >= 0;
        } catch (EOFException | SocketException e) {
            return false;
        }
    }

    /** Tells an HTTP tracker that it is there, from its own address. */
    public void announce(String url) throws IOException, InterruptedException {
        String query = "?info_hash=" + escaped(infoHash) + "&peer_id=" + escaped(peerId) + "&port="
                + listening.getLocalPort() + "&uploaded=0&downloaded=0&left=0&compact=1&event=started";
        try (HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(address)
                .build()) {
            String answer = http.send(
                            HttpRequest.newBuilder(URI.create(url + query)).build(),
                            BodyHandlers.ofString(StandardCharsets.ISO_8859_1))
                    .body();
            if (answer.contains("failure reason")) {
                throw new IOException("the tracker refuses: " + answer);
            }
        }
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket peer = listening.accept();
                Thread.ofPlatform().daemon().start(() -> serve(peer));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket peer) {
        calls.incrementAndGet();
        connections.incrementAndGet();
        try (peer;
                RandomAccessFile content = new RandomAccessFile(file.toFile(), "r")) {
            DataInputStream in = new DataInputStream(peer.getInputStream());
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(peer.getOutputStream(), 1 << 16));
            in.skipNBytes(HANDSHAKE_BYTES);
            shakeHands(out);
            byte[] all = bitfield();
            out.writeInt(1 + all.length);
            out.writeByte(BITFIELD);
            out.write(all);
            out.writeInt(1);
            out.writeByte(UNCHOKE);
            out.flush();
            while (true) {
                answer(in, out, content);
            }
        } catch (EOFException | SocketException e) {
            // The peer has had enough of us, which is what we are here for.
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            connections.decrementAndGet();
        }
    }

    private void shakeHands(DataOutputStream out) throws IOException {
        ByteArrayOutputStream handshake = new ByteArrayOutputStream(HANDSHAKE_BYTES);
        handshake.write(19);
        handshake.writeBytes("BitTorrent protocol".getBytes(StandardCharsets.US_ASCII));
        handshake.writeBytes(new byte[8]);
        handshake.writeBytes(infoHash);
        handshake.writeBytes(peerId);
        handshake.writeTo(out);
    }

    private void answer(DataInputStream in, DataOutputStream out, RandomAccessFile content) throws IOException {
        int size = in.readInt();
        if (size > CHOKED_MESSAGES_MAX) {
            throw new SocketException("a message of " + size);
        }
        if (size == 0) {
            return;
        }
        byte kind = in.readByte();
        if (kind != REQUEST) {
            in.skipNBytes(size - 1L);
            return;
        }
        int piece = in.readInt();
        int begin = in.readInt();
        byte[] block = new byte[in.readInt()];
        content.seek((long) piece * pieceLength + begin);
        content.readFully(block);
        if (given.incrementAndGet() % oneIn == 0) {
            block[block.length / 2] ^= 1;
            lies.incrementAndGet();
        }
        out.writeInt(9 + block.length);
        out.writeByte(PIECE);
        out.writeInt(piece);
        out.writeInt(begin);
        out.write(block);
        if (in.available() == 0) {
            out.flush();
        }
    }

    private byte[] bitfield() {
        int pieces = (int) ((length + pieceLength - 1) / pieceLength);
        byte[] bits = new byte[(pieces + 7) / 8];
        Arrays.fill(bits, (byte) 0xff);
        int spare = bits.length * 8 - pieces;
        bits[bits.length - 1] = (byte) (0xff << spare);
        return bits;
    }

    private static String escaped(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append("%%%02x".formatted(b));
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
