package io.shoal.engine.swarms;

import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Datagrams;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.Network;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** A network that notifies of each address that is dialled. */
final class RecordingNetwork implements Network {
    private final Network network;
    private final Consumer<InetSocketAddress> dialled;

    RecordingNetwork(Network network, Consumer<InetSocketAddress> dialled) {
        this.network = network;
        this.dialled = dialled;
    }

    @Override
    public List<? extends Loop> loops() {
        return network.loops();
    }

    @Override
    public void connect(Loop loop, InetSocketAddress remote, ConnectionHandler handler) {
        dialled.accept(remote);
        network.connect(loop, remote, handler);
    }

    @Override
    public InetSocketAddress listen(InetSocketAddress local, Function<InetSocketAddress, ConnectionHandler> accept)
            throws IOException {
        return network.listen(local, accept);
    }

    @Override
    public Datagrams bind(Loop loop, InetSocketAddress local, Datagrams.Receiver receiver) throws IOException {
        return network.bind(loop, local, receiver);
    }

    @Override
    public void close() {
        network.close();
    }
}
