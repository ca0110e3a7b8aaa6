package io.shoal.engine.webseeds;

import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.shoal.egress.Egress;
import io.shoal.egress.http.FetchReceiver;
import io.shoal.egress.http.FetchRequest;
import io.shoal.egress.http.HttpFetch;
import io.shoal.egress.http.KeptConnections;
import io.shoal.egress.http.Tls;
import io.shoal.engine.net.Loop;
import java.util.function.Function;

/** Sends the requests for web seeds over HTTP and HTTPS, each on the event loop of its torrent: no byte changes threads. */
public final class HttpRangeClient implements RangeClient {
    private final Function<Loop, EventLoop> eventLoops;
    private final Egress egress;
    private final SslContext tls;

    /**
     * @param eventLoops returns the event loop that a torrent's loop is
     * @param egress which addresses may be reached
     */
    public HttpRangeClient(Function<Loop, EventLoop> eventLoops, Egress egress) {
        this.eventLoops = eventLoops;
        this.egress = egress;
        this.tls = Tls.systemTrust();
    }

    @Override
    public Requests open(Loop loop) {
        EventLoop eventLoop = eventLoops.apply(loop);
        KeptConnections kept = new KeptConnections(eventLoop);
        return new Requests() {
            @Override
            public Request get(FetchRequest request, FetchReceiver receiver) {
                HttpFetch fetch = new HttpFetch(eventLoop, egress, tls, request, receiver, kept);
                fetch.start();
                return new Request() {
                    @Override
                    public void setReading(boolean reading) {
                        fetch.setReading(reading);
                    }

                    @Override
                    public void cancel() {
                        fetch.cancel();
                    }
                };
            }

            @Override
            public void close() {
                kept.close();
            }
        };
    }
}
