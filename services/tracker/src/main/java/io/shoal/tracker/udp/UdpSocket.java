package io.shoal.tracker.udp;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One socket and the thread that serves it: receives a batch, answers it, sends the answers, and touches nothing that another
 * thread changes. It sleeps in the kernel while there is nothing to do.
 */
final class UdpSocket implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(UdpSocket.class);

    /** What the kernel may keep while the thread is busy. It grants less where net.core.rmem_max says so. */
    private static final int BUFFER_BYTES = 8 << 20;

    /** After so long without a datagram the thread looks whether it is to end. */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private final LibC libC;
    private final int socket;
    private final int port;
    private final Batch batch;
    private final Responder responder;
    private final Runnable lost;
    private final Thread thread;
    private volatile boolean closed;

    private UdpSocket(LibC libC, int socket, int port, Batch batch, String name, Responder responder, Runnable lost) {
        this.libC = libC;
        this.socket = socket;
        this.port = port;
        this.batch = batch;
        this.responder = responder;
        this.lost = lost;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::serve);
    }

    /**
     * Listens at {@code address}, whose port others may listen on too, and answers with what {@code responder} says. A dual
     * socket where the address is {@code ::}.
     *
     * @param lost is told of every reply that could not be sent
     */
    static UdpSocket open(InetSocketAddress address, String name, Responder responder, Runnable lost)
            throws IOException {
        Arena arena = Arena.ofAuto();
        LibC libC = new LibC(arena);
        int socket = libC.socket(SocketName.family(address.getAddress()), LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC);
        try {
            check(socket, address);
            configure(libC, socket, address, arena);
            int port = bind(libC, socket, address, arena);
            UdpSocket opened = new UdpSocket(libC, socket, port, new Batch(arena), name, responder, lost);
            opened.thread.start();
            return opened;
        } catch (IOException e) {
            if (socket >= 0) {
                libC.close(socket);
            }
            throw e;
        }
    }

    private static void configure(LibC libC, int socket, InetSocketAddress address, Arena arena) throws IOException {
        MemorySegment yes = arena.allocateFrom(JAVA_INT, 1);
        check(libC.setsockopt(socket, LibC.SOL_SOCKET, LibC.SO_REUSEPORT, yes), address);
        if (SocketName.family(address.getAddress()) == LibC.AF_INET6) {
            MemorySegment no = arena.allocateFrom(JAVA_INT, 0);
            check(libC.setsockopt(socket, LibC.IPPROTO_IPV6, LibC.IPV6_V6ONLY, no), address);
        }
        MemorySegment bytes = arena.allocateFrom(JAVA_INT, BUFFER_BYTES);
        check(libC.setsockopt(socket, LibC.SOL_SOCKET, LibC.SO_RCVBUF, bytes), address);
        check(libC.setsockopt(socket, LibC.SOL_SOCKET, LibC.SO_SNDBUF, bytes), address);
        // struct timeval: seconds, microseconds.
        MemorySegment patience = arena.allocate(MemoryLayout.sequenceLayout(2, JAVA_LONG));
        patience.setAtIndex(JAVA_LONG, 1, PATIENCE.toNanos() / 1_000);
        check(libC.setsockopt(socket, LibC.SOL_SOCKET, LibC.SO_RCVTIMEO, patience), address);
        check(libC.setsockopt(socket, LibC.SOL_SOCKET, LibC.SO_SNDTIMEO, patience), address);
    }

    private static int bind(LibC libC, int socket, InetSocketAddress address, Arena arena) throws IOException {
        MemorySegment name = arena.allocate(SocketName.BYTES, Long.BYTES);
        check(libC.bind(socket, name, SocketName.write(address, name)), address);
        check(libC.getsockname(socket, name, arena.allocateFrom(JAVA_INT, SocketName.BYTES)), address);
        return SocketName.port(name, 0);
    }

    private static void check(int result, InetSocketAddress address) throws IOException {
        if (result < 0) {
            throw new IOException("UDP at " + address + ": " + LibC.describe(-result));
        }
    }

    int port() {
        return port;
    }

    private void serve() {
        while (!closed) {
            int received = libC.recvmmsg(socket, batch.toReceive(), Batch.SIZE);
            batch.received(Math.max(received, 0));
            answer();
            send();
            answerDeferred();
        }
        answerDeferred();
        responder.close();
    }

    /** Sends the replies that have waited, in batches of their own. */
    private void answerDeferred() {
        DeferredReply next = nextDeferred();
        while (next != null) {
            batch.clear();
            while (next != null && batch.hasRoom()) {
                write(next);
                next = nextDeferred();
            }
            send();
        }
    }

    private @Nullable DeferredReply nextDeferred() {
        try {
            return responder.nextDeferred();
        } catch (RuntimeException | Error e) {
            LOG.error("deferred replies could not be found", e);
            return null;
        }
    }

    private void write(DeferredReply deferred) {
        ByteBuf reply = batch.reply();
        try {
            deferred.write(reply);
            if (reply.isReadable()) {
                batch.answered(deferred.name());
            }
        } catch (RuntimeException | Error e) {
            LOG.error("a deferred reply could not be written", e);
            deferred.abandon();
            lost.run();
        }
    }

    private void answer() {
        if (batch.received() > 1) {
            prefetch();
        }
        for (int i = 0; i < batch.received(); i++) {
            ByteBuf reply = batch.reply();
            try {
                responder.answer(batch.request(i), batch.source(i), batch.sourcePort(i), reply);
                if (reply.isReadable()) {
                    batch.answered(i);
                } else {
                    defer(i);
                }
            } catch (RuntimeException | Error e) {
                // A fault of ours: this sender gets no answer, all the others do.
                LOG.error("a datagram could not be answered", e);
                lost.run();
            }
        }
    }

    private void defer(int i) {
        DeferredReply deferred = responder.deferred();
        if (deferred != null) {
            deferred.name(batch.name(i));
        }
    }

    private void prefetch() {
        try {
            for (int i = 0; i < batch.received(); i++) {
                responder.prefetch(batch.request(i), batch.source(i));
            }
            responder.runPrefetch();
        } catch (RuntimeException | Error e) {
            // A fault of ours: all are answered all the same, only later.
            LOG.error("datagrams could not be prefetched", e);
        }
    }

    private void send() {
        int done = 0;
        while (done < batch.answered()) {
            int sent = libC.sendmmsg(socket, batch.toSend(done), batch.answered() - done);
            if (sent >= 0) {
                done += sent;
            } else if (sent != -LibC.EINTR) {
                // One address that cannot be reached, or a full send buffer.
                int skipped = sent == -LibC.EAGAIN ? batch.answered() - done : 1;
                done += skipped;
                for (int i = 0; i < skipped; i++) {
                    lost.run();
                }
            }
        }
    }

    /** Asks the thread to end soon. */
    void end() {
        closed = true;
    }

    /** The thread has answered what it received, and ended. */
    @Override
    public void close() {
        end();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        libC.close(socket);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
