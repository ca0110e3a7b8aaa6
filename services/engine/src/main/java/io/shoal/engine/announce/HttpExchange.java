package io.shoal.engine.announce;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.shoal.bittorrent.announce.AnnounceException;
import io.shoal.bittorrent.announce.AnnounceReply;
import io.shoal.bittorrent.announce.HttpAnnounce;
import io.shoal.engine.announce.TrackerClient.AnnounceResult;
import io.shoal.engine.announce.TrackerClient.Answered;
import io.shoal.engine.announce.TrackerClient.Codes;
import io.shoal.engine.announce.TrackerClient.Failed;
import io.shoal.engine.net.Egress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One announce over HTTP: resolves the name, checks each address, connects, sends the request, and repeats all of that
 * for a redirect. What the tracker sends is bounded in size, also after decompression, and in time. Ends exactly once,
 * in {@link #finish}. Confined to the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close or write shows in channelInactive or exceptionCaught
final class HttpExchange {
    /** More redirects are a loop or an attack. */
    private static final int REDIRECTS_MAX = 3;

    /** How many addresses of one name are tried. */
    private static final int ADDRESSES_MAX = 3;

    private static final int CONNECT_MILLIS = 10_000;

    private final EventLoop eventLoop;
    private final Egress egress;
    private final SslContext tls;
    private final Duration timeout;
    private final String url;
    private final BiConsumer<HttpExchange, AnnounceResult> done;
    private @Nullable Future<?> timer;
    private @Nullable Channel channel;
    private int redirects;
    private boolean finished;

    HttpExchange(
            EventLoop eventLoop,
            Egress egress,
            SslContext tls,
            Duration timeout,
            String url,
            BiConsumer<HttpExchange, AnnounceResult> done) {
        this.eventLoop = eventLoop;
        this.egress = egress;
        this.tls = tls;
        this.timeout = timeout;
        this.url = url;
        this.done = done;
    }

    /** Returns the server as {@code host:port}; empty if the URL cannot be used. */
    String server() {
        try {
            Target target = new Target(new URI(url));
            return target.isUsable() ? target.host().toLowerCase(Locale.ROOT) + ":" + target.port() : "";
        } catch (URISyntaxException e) {
            return "";
        }
    }

    void start() {
        timer = eventLoop.schedule(() -> finish(Failed.of(Codes.TIMEOUT)), timeout.toMillis(), TimeUnit.MILLISECONDS);
        try {
            resolve(new Target(new URI(url)));
        } catch (URISyntaxException e) {
            finish(Failed.of(Codes.URL));
        }
    }

    /** Ends the exchange with {@code outcome}, unless it has ended. */
    void finish(AnnounceResult outcome) {
        if (finished) {
            return;
        }
        finished = true;
        if (timer != null) {
            timer.cancel(false);
        }
        if (channel != null) {
            channel.close();
        }
        done.accept(this, outcome);
    }

    private void resolve(Target target) {
        if (!target.isUsable()) {
            finish(Failed.of(redirects == 0 ? Codes.URL : Codes.REDIRECT));
            return;
        }
        NameResolver.resolve(target.host(), eventLoop, found -> {
            if (finished) {
                return;
            }
            List<InetAddress> allowed = new ArrayList<>(found);
            allowed.removeIf(address -> !egress.allows(address));
            if (allowed.isEmpty()) {
                finish(Failed.of(found.isEmpty() ? Codes.DNS : Codes.FORBIDDEN));
            } else {
                connect(target, allowed.stream().limit(ADDRESSES_MAX).iterator());
            }
        });
    }

    private void connect(Target target, Iterator<InetAddress> addresses) {
        ChannelFuture connecting = new Bootstrap()
                .group(eventLoop)
                .channel(EventLoopChannels.stream(eventLoop))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .handler(new PipelineInitializer(target))
                .connect(new InetSocketAddress(addresses.next(), target.port()));
        channel = connecting.channel();
        connecting.addListener(future -> {
            if (finished) {
                connecting.channel().close();
            } else if (future.isSuccess()) {
                connecting.channel().writeAndFlush(target.request());
            } else if (addresses.hasNext()) {
                connect(target, addresses);
            } else {
                boolean timedOut = future.cause() instanceof ConnectTimeoutException;
                finish(Failed.of(timedOut ? Codes.TIMEOUT : Codes.UNREACHABLE));
            }
        });
    }

    private void handleResponse(Target target, FullHttpResponse response) {
        int status = response.status().code();
        String location = response.headers().get(HttpHeaderNames.LOCATION);
        if (response.decoderResult().isFailure()) {
            finish(Failed.of(Codes.MALFORMED));
        } else if (status >= 300 && status < 400 && location != null) {
            redirect(target, location);
        } else if (status != 200) {
            finish(new Failed(
                    "http-" + status, "", retryAfter(response.headers().get(HttpHeaderNames.RETRY_AFTER))));
        } else {
            finish(read(ByteBufUtil.getBytes(response.content())));
        }
    }

    private void redirect(Target from, String location) {
        try {
            Target to = new Target(from.uri.resolve(new URI(location)));
            if (++redirects > REDIRECTS_MAX || from.isTls() && !to.isTls()) {
                finish(Failed.of(Codes.REDIRECT));
                return;
            }
            if (channel != null) {
                channel.close();
                channel = null;
            }
            resolve(to);
        } catch (URISyntaxException e) {
            finish(Failed.of(Codes.REDIRECT));
        }
    }

    private static AnnounceResult read(byte[] body) {
        try {
            return new Answered(HttpAnnounce.parse(body));
        } catch (AnnounceException e) {
            return e.isRefused()
                    ? new Failed(Codes.FAILURE, String.valueOf(e.getMessage()), Duration.ofSeconds(e.retrySeconds()))
                    : Failed.of(Codes.MALFORMED);
        }
    }

    private static Duration retryAfter(@Nullable String seconds) {
        return seconds != null && seconds.matches("\\d{1,6}")
                ? Duration.ofSeconds(Integer.parseInt(seconds))
                : Duration.ZERO;
    }

    private static String code(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return Codes.TLS;
            }
            if (cause instanceof TooLongFrameException) {
                return Codes.TOO_LARGE;
            }
            if (cause instanceof DecompressionException) {
                // Either no gzip at all, or more than the decompressor may allocate.
                return String.valueOf(cause.getMessage()).contains("maximum size") ? Codes.TOO_LARGE : Codes.MALFORMED;
            }
            if (cause instanceof IOException) {
                return Codes.CLOSED;
            }
        }
        return Codes.MALFORMED;
    }

    /** The server and resource of a request. */
    private record Target(URI uri) {
        boolean isTls() {
            return "https".equalsIgnoreCase(uri.getScheme());
        }

        boolean isUsable() {
            return uri.getScheme() != null
                    && (isTls() || uri.getScheme().toLowerCase(Locale.ROOT).equals("http"))
                    && uri.getHost() != null
                    && uri.getPort() <= 0xffff
                    && uri.getPort() != 0;
        }

        String host() {
            return uri.getHost();
        }

        int port() {
            return uri.getPort() > 0 ? uri.getPort() : isTls() ? 443 : 80;
        }

        HttpRequest request() {
            String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            String target = uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
            var request =
                    new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target, Unpooled.EMPTY_BUFFER);
            request.headers()
                    .set(HttpHeaderNames.HOST, uri.getPort() > 0 ? host() + ":" + uri.getPort() : host())
                    .set(HttpHeaderNames.USER_AGENT, "Shoal")
                    .set(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.GZIP)
                    .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            return request;
        }
    }

    private final class PipelineInitializer extends ChannelInitializer<SocketChannel> {
        private final Target target;

        PipelineInitializer(Target target) {
            this.target = target;
        }

        @Override
        protected void initChannel(SocketChannel connection) {
            if (target.isTls()) {
                connection.pipeline().addLast(tls.newHandler(connection.alloc(), target.host(), target.port()));
            }
            connection
                    .pipeline()
                    .addLast(new HttpClientCodec())
                    .addLast(new HttpContentDecompressor(false, AnnounceReply.BYTES_MAX))
                    .addLast(new HttpObjectAggregator(AnnounceReply.BYTES_MAX))
                    .addLast(new ResponseHandler(target));
        }
    }

    /** Handles the response on one connection; a connection of an earlier redirect is ignored. */
    private final class ResponseHandler extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final Target target;
        private boolean answered;

        ResponseHandler(Target target) {
            this.target = target;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
            if (!answered && !finished) {
                answered = true;
                handleResponse(target, response);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            fail(Codes.CLOSED);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            fail(code(cause));
            ctx.close();
        }

        private void fail(String code) {
            if (!answered) {
                answered = true;
                finish(Failed.of(code));
            }
        }
    }
}
