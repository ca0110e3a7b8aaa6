package io.shoal.egress.http;

import io.netty.bootstrap.Bootstrap;
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
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.bittorrent.metainfo.SourceUrl.Scheme;
import io.shoal.egress.Egress;
import io.shoal.egress.NameResolver;
import io.shoal.egress.SocketTypes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One GET from a server that a tenant or a stranger named: resolves the name, checks every address, connects to one that is
 * allowed, and repeats all of it for each redirect. Credentials of the URL are sent to its own origin only. The answer is bounded
 * in size, also after decompression, and in time. Ends exactly once. Confined to the event loop, but for {@link #start}, {@link
 * #cancel} and {@link #setReading}.
 *
 * <p>A connection is closed after its answer, unless the caller has {@link KeptConnections}. One of those may have been closed by the server
 * in the meantime: if it ends before an answer begins, the request is sent again on a new one.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a close or write that fails shows in channelInactive or exceptionCaught
public final class HttpFetch {
    private static final int REDIRECTS_MAX = 3;
    private static final int ADDRESSES_MAX = 3;
    private static final int CONNECT_MILLIS = 10_000;

    /** Interim answers (RFC 9110, section 15.2) before the answer itself: servers send one or two. */
    private static final int INTERIMS_MAX = 16;

    /**
     * A look-up that gives no address that may be connected to fails after a multiple of this time, whether the name does not exist or
     * its addresses are forbidden: the time must not tell a stranger which names exist in a network behind the firewall.
     */
    private static final long REFUSAL_MILLIS = 1_000;

    /** Bytes that one read may become by decompression. */
    private static final int INFLATED_MAX = 8 << 20;

    private final EventLoop eventLoop;
    private final Egress egress;
    private final SslContext tls;
    private final FetchRequest request;
    private final FetchReceiver receiver;
    private final boolean decompresses;
    private final @Nullable KeptConnections kept;
    private @Nullable Future<?> timer;
    private @Nullable Channel channel;
    private int redirects;
    private long received;
    private boolean reading = true;
    private boolean ended;

    public HttpFetch(EventLoop eventLoop, Egress egress, SslContext tls, FetchRequest request, FetchReceiver receiver) {
        this(eventLoop, egress, tls, request, receiver, true, null);
    }

    /**
     * A fetch that keeps its connection for the next one. The receiver gets the body as it is sent, and asks for it without a content
     * encoding.
     *
     * @param kept of this event loop
     */
    public HttpFetch(
            EventLoop eventLoop,
            Egress egress,
            SslContext tls,
            FetchRequest request,
            FetchReceiver receiver,
            KeptConnections kept) {
        this(eventLoop, egress, tls, request, receiver, false, kept);
    }

    /** @param decompresses whether the receiver gets the body without its content encoding; else as it is sent */
    HttpFetch(
            EventLoop eventLoop,
            Egress egress,
            SslContext tls,
            FetchRequest request,
            FetchReceiver receiver,
            boolean decompresses) {
        this(eventLoop, egress, tls, request, receiver, decompresses, null);
    }

    private HttpFetch(
            EventLoop eventLoop,
            Egress egress,
            SslContext tls,
            FetchRequest request,
            FetchReceiver receiver,
            boolean decompresses,
            @Nullable KeptConnections kept) {
        this.eventLoop = eventLoop;
        this.egress = egress;
        this.tls = tls;
        this.request = request;
        this.receiver = receiver;
        this.decompresses = decompresses;
        this.kept = kept;
    }

    /** Begins; called once. */
    public void start() {
        eventLoop.execute(() -> {
            if (!ended) {
                timer = eventLoop.schedule(
                        () -> fail(FetchFailure.TIMEOUT), request.timeout().toMillis(), TimeUnit.MILLISECONDS);
                visit(request.url());
            }
        });
    }

    /** Ends it with {@link FetchFailure#CANCELLED}, unless it has ended. */
    public void cancel() {
        eventLoop.execute(() -> fail(FetchFailure.CANCELLED));
    }

    /** Stops or resumes reading the answer, so that a receiver can make the server wait. */
    public void setReading(boolean reads) {
        if (!eventLoop.inEventLoop()) {
            eventLoop.execute(() -> setReading(reads));
            return;
        }
        reading = reads;
        if (channel != null) {
            channel.config().setAutoRead(reads);
        }
    }

    private void fail(FetchFailure failure) {
        if (end()) {
            receiver.failed(failure);
        }
    }

    /** Returns false if it has ended before. */
    private boolean end() {
        if (ended) {
            return false;
        }
        ended = true;
        if (timer != null) {
            timer.cancel(false);
        }
        if (channel != null) {
            channel.close();
        }
        return true;
    }

    private void visit(SourceUrl url) {
        Channel open = kept == null ? null : kept.take(url);
        if (open == null) {
            lookUp(url);
            return;
        }
        channel = open;
        open.config().setAutoRead(reading);
        open.pipeline().addLast(new AnswerReader(url, true));
        open.writeAndFlush(get(url));
    }

    private void lookUp(SourceUrl url) {
        long begun = System.nanoTime();
        NameResolver.resolve(url.host(), eventLoop, found -> {
            if (ended) {
                return;
            }
            List<InetAddress> allowed = new ArrayList<>(found);
            allowed.removeIf(address -> !egress.allows(address));
            if (allowed.isEmpty()) {
                refuse(found.isEmpty() ? FetchFailure.DNS : FetchFailure.FORBIDDEN_ADDRESS, begun);
            } else {
                connect(url, allowed.stream().limit(ADDRESSES_MAX).iterator());
            }
        });
    }

    private void refuse(FetchFailure failure, long begun) {
        long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        eventLoop.schedule(() -> fail(failure), REFUSAL_MILLIS - elapsed % REFUSAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void connect(SourceUrl url, Iterator<InetAddress> addresses) {
        ChannelFuture connecting = new Bootstrap()
                .group(eventLoop)
                .channel(SocketTypes.stream(eventLoop))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .handler(new Pipeline(url))
                .connect(new InetSocketAddress(addresses.next(), url.port()));
        channel = connecting.channel();
        channel.config().setAutoRead(reading);
        connecting.addListener(future -> {
            if (ended) {
                connecting.channel().close();
            } else if (future.isSuccess()) {
                connecting.channel().writeAndFlush(get(url));
            } else if (addresses.hasNext()) {
                connect(url, addresses);
            } else {
                boolean late = future.cause() instanceof ConnectTimeoutException;
                fail(late ? FetchFailure.TIMEOUT : FetchFailure.UNREACHABLE);
            }
        });
    }

    private HttpRequest get(SourceUrl url) {
        var get = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, url.target(), Unpooled.EMPTY_BUFFER);
        get.headers()
                .set(HttpHeaderNames.HOST, url.authority())
                .set(HttpHeaderNames.USER_AGENT, "Shoal")
                .set(HttpHeaderNames.ACCEPT_ENCODING, kept == null ? HttpHeaderValues.GZIP : HttpHeaderValues.IDENTITY)
                .set(HttpHeaderNames.CONNECTION, kept == null ? HttpHeaderValues.CLOSE : HttpHeaderValues.KEEP_ALIVE);
        if (request.range() != null) {
            get.headers().set(HttpHeaderNames.RANGE, request.range().toString());
        }
        String authorization = url.authorization();
        if (authorization != null) {
            get.headers().set(HttpHeaderNames.AUTHORIZATION, authorization);
        }
        return get;
    }

    private void redirect(SourceUrl from, String location) {
        SourceUrl to = from.resolve(location);
        boolean downgraded = to != null && from.scheme() == Scheme.HTTPS && to.scheme() != Scheme.HTTPS;
        if (to == null || to.scheme() == Scheme.UDP || downgraded || ++redirects > REDIRECTS_MAX) {
            fail(FetchFailure.REDIRECT);
            return;
        }
        if (channel != null) {
            channel.close();
            channel = null;
        }
        visit(to.withUserInfo(to.hasOriginOf(from) ? from.userInfo() : null));
    }

    private static FetchFailure classify(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return FetchFailure.TLS;
            }
            if (cause instanceof DecompressionException) {
                // Either no gzip at all, or more than the decompressor may allocate.
                return String.valueOf(cause.getMessage()).contains("maximum size")
                        ? FetchFailure.TOO_LARGE
                        : FetchFailure.MALFORMED;
            }
            if (cause instanceof IOException) {
                return FetchFailure.CLOSED;
            }
        }
        return FetchFailure.MALFORMED;
    }

    private final class Pipeline extends ChannelInitializer<SocketChannel> {
        private final SourceUrl url;

        Pipeline(SourceUrl url) {
            this.url = url;
        }

        @Override
        protected void initChannel(SocketChannel connection) {
            if (url.scheme() == Scheme.HTTPS) {
                SslHandler handler = tls.newHandler(connection.alloc(), url.host(), url.port());
                handler.setHandshakeTimeoutMillis(0); // the time of the fetch bounds it, and says what happened
                connection.pipeline().addLast(handler);
            }
            // Lines may end in a single LF: RFC 9112 section 2.2 lets a recipient accept that, and old trackers send
            // it.
            HttpDecoderConfig lenient = new HttpDecoderConfig().setStrictLineParsing(false);
            connection.pipeline().addLast(new HttpClientCodec(lenient, false, false));
            if (decompresses) {
                int inflatedMax = (int) Math.min(request.bytesMax(), INFLATED_MAX);
                connection.pipeline().addLast(new HttpContentDecompressor(false, inflatedMax));
            }
            connection.pipeline().addLast(new AnswerReader(url, false));
        }
    }

    /** Reads the answer of one connection; that of an earlier hop is ignored once its redirect is followed. */
    private final class AnswerReader extends SimpleChannelInboundHandler<HttpObject> {
        private final SourceUrl url;
        private final boolean isReused;
        private int interims;
        private boolean interim;
        private boolean hasBegun;
        private boolean isKept;
        private boolean done;

        /** @param isReused whether the connection has had another fetch before */
        AnswerReader(SourceUrl url, boolean isReused) {
            this.url = url;
            this.isReused = isReused;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
            if (done || ended) {
                return;
            }
            if (message.decoderResult().isFailure()) {
                finish(classify(message.decoderResult().cause()));
                return;
            }
            if (message instanceof HttpResponse response) {
                interim = isInterim(response);
                hasBegun = true;
                if (!interim) {
                    head(response);
                } else if (++interims > INTERIMS_MAX) {
                    finish(FetchFailure.MALFORMED);
                }
            }
            if (message instanceof HttpContent content && !interim && !done && !ended) {
                body(content);
            }
        }

        /** The answer follows it. Nothing was asked that is answered with 101, after which no HTTP follows. */
        private static boolean isInterim(HttpResponse response) {
            return response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                    && response.status().code() != HttpResponseStatus.SWITCHING_PROTOCOLS.code();
        }

        private void head(HttpResponse response) {
            int status = response.status().code();
            String location = Location.of(status, response.headers());
            if (location != null && !Location.isMagnet(location)) {
                done = true;
                redirect(url, location);
            } else if (HttpUtil.getContentLength(response, 0L) > request.bytesMax()) {
                finish(FetchFailure.TOO_LARGE);
            } else {
                isKept = kept != null && HttpUtil.isKeepAlive(response);
                receiver.head(status, response.headers());
            }
        }

        private void body(HttpContent content) {
            received += content.content().readableBytes();
            if (received > request.bytesMax()) {
                finish(FetchFailure.TOO_LARGE);
                return;
            }
            if (content.content().isReadable()) {
                receiver.body(content.content());
            }
            if (content instanceof LastHttpContent && !ended) {
                done = true;
                if (isKept) {
                    keep();
                }
                if (end()) {
                    receiver.completed();
                }
            }
        }

        private void keep() {
            Channel answered = channel;
            if (kept != null && answered != null) {
                channel = null;
                answered.pipeline().remove(this);
                kept.give(url, answered);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            finish(FetchFailure.CLOSED);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            finish(classify(cause));
            ctx.close();
        }

        private void finish(FetchFailure failure) {
            if (done) {
                return;
            }
            done = true;
            if (isReused && !hasBegun && !ended && failure == FetchFailure.CLOSED) {
                channel = null;
                lookUp(url);
            } else {
                fail(failure);
            }
        }
    }
}
