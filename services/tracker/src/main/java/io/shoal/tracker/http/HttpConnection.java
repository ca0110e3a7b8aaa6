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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection: requests are answered in the order in which they came, as many at once as the client sent. What it may cost
 * is bounded: a head of 16 KiB that is whole within its time, responses only as fast as they are taken.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the connection, and that is seen
final class HttpConnection extends ChannelInboundHandlerAdapter {
    /** Time that a client gets to read why it was refused, and to stop sending. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final byte LINE_FEED = '\n';

    private final HttpResponses answers;
    private final Limits limits;
    private final Deadlines deadlines;
    private final RequestHead head = new RequestHead();
    private ByteBuf pending = Unpooled.EMPTY_BUFFER;
    private Address sender = new Address(0, 0);
    private @Nullable ChannelHandlerContext context;
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
        if (ctx.channel().isWritable()) {
            ctx.channel().config().setAutoRead(true);
            if (!ended && pending.isReadable()) {
                answer(ctx);
                ctx.flush();
            }
        } else {
            ctx.channel().config().setAutoRead(false);
        }
    }

    /** Answers all requests that are whole, as long as the client takes the responses. */
    private void answer(ChannelHandlerContext ctx) {
        while (!ended && ctx.channel().isWritable() && pending.isReadable()) {
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
        if (!pending.isReadable() && !ended) {
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
            answers.answer(pending, head, sender, out);
            pending.readerIndex(head.end());
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

    /** Closes the connection if its time is over. */
    void endIfLate(long now) {
        if (context != null && deadline - now <= 0) {
            context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ended = true;
        deadlines.remove(place);
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
