package io.shoal.engine.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Datagrams between simulated hosts, all on one loop: each takes a time of its own, so that they overtake one another,
 * and a share of them is lost. Delay and loss come from the random source, whose seed identifies a run.
 */
public final class SimulatedDatagrams implements DatagramNetwork {
    private static final Duration DELAY_MIN = Duration.ofMillis(1);
    private static final Duration DELAY_MAX = Duration.ofMillis(60);
    private static final int FIRST_PORT = 49_152;

    private final Loop loop;
    private final RandomGenerator random;
    private final Map<InetSocketAddress, Socket> sockets = new HashMap<>();
    private final Set<InetAddress> unreachable = new HashSet<>();
    private final Predicate<InetAddress> separated;
    private int nextPort = FIRST_PORT;
    private double loss;

    public SimulatedDatagrams(Loop loop, RandomGenerator random) {
        this(loop, random, host -> false);
    }

    /** @param separated whether what is sent from or to a host is lost now */
    public SimulatedDatagrams(Loop loop, RandomGenerator random, Predicate<InetAddress> separated) {
        this.loop = loop;
        this.random = random;
        this.separated = separated;
    }

    /** Sets the share of datagrams that are lost from now on, from 0 to 1. */
    public void setLoss(double share) {
        loss = share;
    }

    /** From now on there is no route to {@code host}: the sender's system refuses to send. */
    public void cutOff(InetAddress host) {
        unreachable.add(host);
    }

    /** The process of {@code host} dies: its sockets are closed. */
    public void kill(InetAddress host) {
        sockets.keySet().removeIf(local -> local.getAddress().equals(host));
    }

    @Override
    public Datagrams bind(Loop on, InetSocketAddress local, Datagrams.Receiver receiver) throws IOException {
        InetSocketAddress address =
                local.getPort() == 0 ? new InetSocketAddress(local.getAddress(), nextPort++) : local;
        if (sockets.containsKey(address)) {
            throw new BindException("taken: " + address);
        }
        Socket socket = new Socket(address, receiver);
        sockets.put(address, socket);
        return socket;
    }

    private final class Socket implements Datagrams {
        private final InetSocketAddress local;
        private final Receiver receiver;
        private long failures;

        Socket(InetSocketAddress local, Receiver receiver) {
            this.local = local;
            this.receiver = receiver;
        }

        @Override
        public InetSocketAddress local() {
            return local;
        }

        @Override
        public void send(ByteBuf bytes, InetSocketAddress to) {
            byte[] sent = ByteBufUtil.getBytes(bytes);
            bytes.release();
            if (unreachable.contains(to.getAddress()) || !sockets.containsValue(this)) {
                failures++;
            } else if (random.nextDouble() >= loss && !isSeparatedFrom(to)) {
                long delay = random.nextLong(DELAY_MIN.toNanos(), DELAY_MAX.toNanos());
                loop.schedule(Duration.ofNanos(delay), () -> arrive(sent, to));
            }
        }

        private boolean isSeparatedFrom(InetSocketAddress to) {
            return separated.test(local.getAddress()) || separated.test(to.getAddress());
        }

        private void arrive(byte[] sent, InetSocketAddress to) {
            Socket target = sockets.get(to);
            if (target != null) {
                byte[] read = sent.length > RECEIVED_MAX ? Arrays.copyOf(sent, RECEIVED_MAX) : sent;
                target.receiver.received(Unpooled.wrappedBuffer(read), local);
            }
        }

        @Override
        public void flush() {
            // each has been sent at once
        }

        @Override
        public long failures() {
            return failures;
        }

        @Override
        public void close() {
            sockets.remove(local, this);
        }
    }
}
