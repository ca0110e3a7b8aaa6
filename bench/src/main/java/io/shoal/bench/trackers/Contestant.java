package io.shoal.bench.trackers;

import io.shoal.bench.programs.Child;
import io.shoal.bench.programs.ProcessFigures;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A tracker that runs and answers, on the tracker's core. */
final class Contestant implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final int POLL_MILLIS = 100;
    private static final long CONNECT_MAGIC = 0x41727101980L;

    private final Child child;
    private final int port;

    private Contestant(Child child, int port) {
        this.child = child;
        this.port = port;
    }

    /** Starts what answers UDP at {@code port}. */
    static Contestant udp(Path log, int port, List<String> command) throws IOException, InterruptedException {
        return start(log, port, command, Contestant::answersUdp);
    }

    /** Starts what answers HTTP at {@code port}. */
    static Contestant http(Path log, int port, List<String> command) throws IOException, InterruptedException {
        return start(log, port, command, Contestant::takesConnections);
    }

    private static Contestant start(Path log, int port, List<String> command, Sign ready)
            throws IOException, InterruptedException {
        Child child = Child.start(log, Cores.tracker(command).toArray(String[]::new));
        long deadline = System.nanoTime() + START.toNanos();
        try {
            while (!ready.isSeenAt(port)) {
                child.awaitAlive();
                if (System.nanoTime() > deadline) {
                    throw new IOException(command.getFirst() + " does not answer; see " + log);
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
            return new Contestant(child, port);
        } catch (IOException | InterruptedException e) {
            child.close();
            throw e;
        }
    }

    private interface Sign {
        boolean isSeenAt(int port) throws IOException;
    }

    private static boolean answersUdp(int port) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(POLL_MILLIS);
            byte[] connect = ByteBuffer.allocate(16).putLong(CONNECT_MAGIC).array();
            socket.send(new DatagramPacket(connect, connect.length));
            socket.receive(new DatagramPacket(new byte[16], 16));
            return true;
        } catch (SocketTimeoutException | java.net.PortUnreachableException e) {
            return false;
        }
    }

    private static boolean takesConnections(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (java.net.ConnectException e) {
            return false;
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return child.pid();
    }

    ProcessFigures figures() {
        return new ProcessFigures(child.pid());
    }

    @Override
    public void close() {
        child.close();
    }
}
