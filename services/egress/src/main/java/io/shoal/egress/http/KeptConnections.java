package io.shoal.egress.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.shoal.bittorrent.metainfo.SourceUrl;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connections that stay open between the fetches of one caller: at most one a server, and none for long. The address of each was checked
 * when it was connected. Its state is confined to the event loop, on which all fetches that use it must be.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a close that fails leaves nothing to be done
public final class KeptConnections {
    /** Shorter than servers keep them: nginx closes after 75 seconds, Apache after 5, which is noticed. */
    private static final long IDLE_SECONDS = 30;

    private final EventLoop eventLoop;
    private final Map<Origin, Idle> idle = new HashMap<>();
    private boolean closed;

    private record Origin(SourceUrl.Scheme scheme, String host, int port) {
        static Origin of(SourceUrl url) {
            return new Origin(url.scheme(), url.host(), url.port());
        }
    }

    public KeptConnections(EventLoop eventLoop) {
        this.eventLoop = eventLoop;
    }

    /** Returns an open connection to the server of {@code url}, which belongs to the caller then; null if there is none. */
    @Nullable
    Channel take(SourceUrl url) {
        Idle kept = idle.remove(Origin.of(url));
        if (kept == null) {
            return null;
        }
        kept.end();
        return kept.channel.isActive() ? kept.channel : null;
    }

    /** Keeps an open connection on which no answer is outstanding. */
    void give(SourceUrl url, Channel channel) {
        if (closed || !channel.isActive()) {
            channel.close();
            return;
        }
        Origin origin = Origin.of(url);
        Idle kept = new Idle(origin, channel);
        Idle before = idle.put(origin, kept);
        if (before != null) {
            before.channel.close();
        }
        channel.config().setAutoRead(true); // so that a close is noticed
        channel.pipeline().addLast(kept);
    }

    /** Closes all of them, and those that are given later. Any thread. */
    public void close() {
        eventLoop.execute(() -> {
            closed = true;
            idle.values().forEach(kept -> kept.channel.close());
            idle.clear();
        });
    }

    /** Closes a connection that nothing was asked on when it is silent for long, and when the server sends anything. */
    private final class Idle extends ChannelInboundHandlerAdapter {
        private final Origin origin;
        private final Channel channel;
        private final Future<?> timer;

        Idle(Origin origin, Channel channel) {
            this.origin = origin;
            this.channel = channel;
            this.timer = eventLoop.schedule(() -> channel.close(), IDLE_SECONDS, TimeUnit.SECONDS);
        }

        void end() {
            timer.cancel(false);
            if (channel.pipeline().context(this) != null) {
                channel.pipeline().remove(this);
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            ctx.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            timer.cancel(false);
            idle.remove(origin, this);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
