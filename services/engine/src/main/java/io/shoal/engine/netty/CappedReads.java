package io.shoal.engine.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Sizes of one connection's reads: they adapt to what arrives, and never exceed {@link #most}. Confined to the connection's loop.
 */
final class CappedReads implements RecvByteBufAllocator {
    /** What one read may bring: several blocks, so that few of them are split, and few calls are made. */
    private static final AdaptiveRecvByteBufAllocator ADAPTIVE =
            new AdaptiveRecvByteBufAllocator(2_048, 16_384, 262_144);

    /** The most bytes that one read may bring; at least 1. */
    int most = Integer.MAX_VALUE;

    @Override
    @SuppressWarnings("deprecation") // the handle that Netty's transports still ask for
    public ExtendedHandle newHandle() {
        return new CappedHandle((ExtendedHandle) ADAPTIVE.newHandle());
    }

    private final class CappedHandle implements ExtendedHandle {
        private final ExtendedHandle adaptive;

        CappedHandle(ExtendedHandle adaptive) {
            this.adaptive = adaptive;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return allocator.ioBuffer(guess());
        }

        @Override
        public int guess() {
            return Math.min(adaptive.guess(), most);
        }

        @Override
        public void reset(ChannelConfig config) {
            adaptive.reset(config);
        }

        @Override
        public void incMessagesRead(int messages) {
            adaptive.incMessagesRead(messages);
        }

        @Override
        public void lastBytesRead(int bytes) {
            adaptive.lastBytesRead(bytes);
        }

        @Override
        public int lastBytesRead() {
            return adaptive.lastBytesRead();
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            adaptive.attemptedBytesRead(bytes);
        }

        @Override
        public int attemptedBytesRead() {
            return adaptive.attemptedBytesRead();
        }

        @Override
        public boolean continueReading() {
            return adaptive.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreDataSupplier) {
            return adaptive.continueReading(maybeMoreDataSupplier);
        }

        @Override
        public void readComplete() {
            adaptive.readComplete();
        }
    }
}
