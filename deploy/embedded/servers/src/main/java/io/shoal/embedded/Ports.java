package io.shoal.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Ports on this machine. */
public final class Ports {
    private Ports() {}

    /** As many different ports as asked for, all free a moment ago. */
    public static List<Integer> free(int count) {
        List<Integer> ports = new ArrayList<>();
        holdAndCollect(count, ports);
        return List.copyOf(ports);
    }

    /** Holds each port until all are found, so that none is found twice. */
    private static void holdAndCollect(int more, List<Integer> ports) {
        if (more == 0) {
            return;
        }
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ports.add(socket.getLocalPort());
            holdAndCollect(more - 1, ports);
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }

    /** One port that was free a moment ago. */
    public static int free() {
        return free(1).getFirst();
    }

    /** Whether something accepts connections there. */
    public static boolean isOpen(String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
