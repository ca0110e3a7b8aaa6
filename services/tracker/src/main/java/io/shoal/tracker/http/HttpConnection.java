package io.shoal.tracker.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.util.ReferenceCountUtil;
import io.shoal.tracker.networks.Address;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One connection: requests are answered in the order in which they came, as many at once as the client sent. Its cost is bounded: a
 * head of 16 KiB that is whole within its time, responses only as fast as they are taken. While an announce waits for its
 * registration, no further request of the connection is read, and the loop serves its other connections.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the connection, and that is seen
final class HttpConnection extends ChannelInboundHandlerAdapter implements Runnable {
    private static final Logger LOG = Logger.getLogger(HttpConnection.class);

    /** Time that a client gets to read why it was refused, and to stop sending. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** What a client may send ahead of a response that waits: a little is kept, much ends the connection. */
    private static final int AHEAD_BYTES = RequestHead.BYTES;

    private static final int AHEAD_BYTES_MOST = 8 * AHEAD_BYTES;

    private static final byte LINE_FEED = '\n';

    private final HttpResponses answers;
    private final Limits limits;
    private final Deadlines deadlines;
    private final RequestHead head = new RequestHead();
    private ByteBuf pending = Unpooled.EMPTY_BUFFER;
    private Address sender = new Address(0, 0);
    private @Nullable ChannelHandlerContext context;
    private @Nullable PendingResponse waiting;
    private int place;
    private long deadline;
    private boolean inHead;
    private boolean ended;

    HttpConnection(HttpResponses answers, Deadlines deadlines, Limits limits) {
        this.answers = answers;
        this.deadlines = deadlines;
        this.limits = limits;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        sender = Address.of(((InetSocketAddress) ctx.channel().remoteAddress()).getAddress());
        deadline = System.nanoTime() + limits.head().toNanos();
        inHead = true;
        context = ctx;
        place = deadlines.add(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HAProxyMessage header) {
            sender = Proxied.sender(header, sender);
            header.release();
            return;
        }
        ByteBuf received = (ByteBuf) message;
        if (ended) {
            received.release();
            return;
        }
        if (waiting != null) {
            keep(ctx, received);
            return;
        }
        if (!inHead) {
            inHead = true;
            deadline = System.nanoTime() + limits.head().toNanos();
        }
        if (pending.isReadable()) {
            // Nothing can have become whole without the end of a line or too many bytes.
            boolean worthALook = received.indexOf(received.readerIndex(), received.writerIndex(), LINE_FEED) >= 0
                    || pending.readableBytes() + received.readableBytes() > RequestHead.LINE_BYTES;
            pending = joined(ctx, received);
            if (worthALook) {
                answer(ctx);
            }
        } else {
            pending.release();
            pending = received;
            answer(ctx);
        }
    }

    /** Keeps what came while a response waits. */
    private void keep(ChannelHandlerContext ctx, ByteBuf received) {
        if (pending.isReadable()) {
            pending = joined(ctx, received);
        } else {
            pending.release();
            pending = received;
        }
        if (pending.readableBytes() > AHEAD_BYTES_MOST) {
            ctx.close();
        } else {
            readIfWelcome(ctx);
        }
    }

    /** Bytes are read only while the client takes its responses and is not too far ahead of one that waits. */
    private void readIfWelcome(ChannelHandlerContext ctx) {
        boolean tooFarAhead = waiting != null && pending.readableBytes() > AHEAD_BYTES;
        ctx.channel().config().setAutoRead(ctx.channel().isWritable() && !tooFarAhead);
    }

    private ByteBuf joined(ChannelHandlerContext ctx, ByteBuf received) {
        ByteBuf joined = ctx.alloc().buffer(pending.readableBytes() + received.readableBytes());
        joined.writeBytes(pending).writeBytes(received);
        pending.release();
        received.release();
        return joined;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        readIfWelcome(ctx);
        if (ctx.channel().isWritable() && !ended && pending.isReadable()) {
            answer(ctx);
            ctx.flush();
        }
    }

    /** Answers all requests that are whole, as long as the client takes the responses. */
    private void answer(ChannelHandlerContext ctx) {
        while (!ended && waiting == null && ctx.channel().isWritable() && pending.isReadable()) {
            RequestHead.State state = head.read(pending);
            if (state == RequestHead.State.INCOMPLETE) {
                return;
            }
            ByteBuf out = ctx.alloc().buffer();
            switch (state) {
                case COMPLETE -> complete(ctx, out);
                case LINE_TOO_LONG -> refuse(ctx, out, "414 URI Too Long");
                case TOO_LONG -> refuse(ctx, out, "431 Request Header Fields Too Large");
                default -> refuse(ctx, out, "400 Bad Request");
            }
        }
        if (!pending.isReadable() && !ended && waiting == null) {
            inHead = false;
            deadline = System.nanoTime() + limits.idle().toNanos();
        }
    }

    private void complete(ChannelHandlerContext ctx, ByteBuf out) {
        if (!head.isGet(pending) && !head.isHead(pending)) {
            refuse(ctx, out, "405 Method Not Allowed");
        } else if (head.hasBody()) {
            refuse(ctx, out, "413 Content Too Large");
        } else {
            waiting = answers.answer(pending, head, sender, out, this);
            pending.readerIndex(head.end());
            if (waiting == null) {
                write(ctx, out);
            } else {
                out.release();
                readIfWelcome(ctx);
            }
        }
    }

    private void write(ChannelHandlerContext ctx, ByteBuf out) {
        if (head.keepAlive()) {
            ctx.write(out);
            deadline = System.nanoTime() + limits.head().toNanos();
        } else if (pending.isReadable()) {
            end(ctx, out);
        } else {
            ended = true;
            ctx.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** The response that waits is worth a retry. Any thread may call. */
    @Override
    public void run() {
        ChannelHandlerContext ctx = context;
        if (ctx != null) {
            try {
                ctx.executor().execute(() -> retry(ctx));
            } catch (RejectedExecutionException e) {
                // The loop has ended, and its connections with it.
                LOG.debug("a response that waits is not retried", e);
            }
        }
    }

    private void retry(ChannelHandlerContext ctx) {
        try {
            PendingResponse last = waiting;
            if (last != null) {
                retry(ctx, last);
            }
        } catch (RuntimeException | Error e) {
            // As if it had come up in a read: the connection ends, and the pipeline logs it.
            ctx.pipeline().fireExceptionCaught(e);
        }
    }

    private void retry(ChannelHandlerContext ctx, PendingResponse last) {
        ByteBuf out = ctx.alloc().buffer();
        boolean given = false;
        try {
            given = answers.retry(last, head, out);
        } finally {
            if (!given) {
                out.release();
            }
        }
        if (given) {
            waiting = null;
            deadline = System.nanoTime() + limits.head().toNanos();
            write(ctx, out);
            readIfWelcome(ctx);
            answer(ctx);
            ctx.flush();
        }
    }

    private void refuse(ChannelHandlerContext ctx, ByteBuf out, String status) {
        head.close();
        HttpResponses.status(out, head, status, status.startsWith("405") ? "Allow: GET, HEAD\r\n" : "");
        end(ctx, out);
    }

    /**
     * The last response to a client that may go on sending. The connection is closed by the client or a little later, since
     * closing it with bytes unread would take the response away from the client (RFC 9112, 9.6).
     */
    private void end(ChannelHandlerContext ctx, ByteBuf out) {
        ended = true;
        deadline = System.nanoTime() + LINGER_NANOS;
        ctx.writeAndFlush(out).addListener((ChannelFutureListener) sent -> {
            if (sent.isSuccess()) {
                ((DuplexChannel) sent.channel()).shutdownOutput();
            } else {
                sent.channel().close();
            }
        });
    }

    /** It has another place among the {@link Deadlines}. */
    void moved(int place) {
        this.place = place;
    }

    /** Closes the connection if its time is over, or gives the response that waited long enough. */
    void endIfLate(long now) {
        if (context == null) {
            return;
        }
        if (waiting != null) {
            if (waiting.announce().isOver()) {
                retry(context);
            }
        } else if (deadline - now <= 0) {
            context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ended = true;
        deadlines.remove(place);
        if (waiting != null) {
            waiting.announce().abandon();
            waiting = null;
        }
        ReferenceCountUtil.release(pending);
        pending = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        ctx.close();
        if (!(cause instanceof IOException || cause instanceof HAProxyProtocolException)) {
            // Ours: let the pipeline's end log it.
            ctx.fireExceptionCaught(cause);
        }
    }
}
