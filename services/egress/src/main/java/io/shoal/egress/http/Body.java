package io.shoal.egress.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Consumer;

/** Collects a whole answer in memory: for bodies whose bound is small. */
public final class Body implements FetchReceiver {
    /** How a fetch ended. */
    public sealed interface Outcome {}

    /** The server answered. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Answered(int status, HttpHeaders headers, byte[] body) implements Outcome {}

    /** The server did not answer. */
    public record Failed(FetchFailure failure) implements Outcome {}

    private final Consumer<Outcome> done;
    private final ByteBuf collected = Unpooled.buffer();
    private int status;
    private HttpHeaders headers = EmptyHttpHeaders.INSTANCE;

    /** @param done called once, on the event loop of the fetch */
    public Body(Consumer<Outcome> done) {
        this.done = done;
    }

    @Override
    public void head(int status, HttpHeaders headers) {
        this.status = status;
        this.headers = headers;
    }

    @Override
    public void body(ByteBuf bytes) {
        collected.writeBytes(bytes);
    }

    @Override
    public void completed() {
        done.accept(new Answered(status, headers, ByteBufUtil.getBytes(collected)));
    }

    @Override
    public void failed(FetchFailure failure) {
        done.accept(new Failed(failure));
    }
}
