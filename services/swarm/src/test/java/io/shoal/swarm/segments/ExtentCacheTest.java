package io.shoal.swarm.segments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The memory of the cache is bounded whatever the store does, and a failed read leaves nothing behind. */
@Timeout(60)
class ExtentCacheTest {
    private static final int MIB = 1 << 20;
    private static final int CAPACITY = 4 * MIB;

    private static final CompletableFuture<Void> LOADED = CompletableFuture.completedFuture(null);

    private final CallsFixture fixture = new CallsFixture(new FailingStore(), StoreCalls.Backoff.NORMAL);
    private final AtomicBoolean memoryIsShort = new AtomicBoolean();
    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
    private final AtomicLong most = new AtomicLong();
    private final ExtentCache extents = new ExtentCache(CAPACITY, fixture.calls, this::allocate);

    @AfterEach
    void end() {
        extents.close();
        fixture.close();
    }

    @Test
    void anErrorEndsOneReadOfAnExtentAndNotTheNext() {
        assertThatThrownBy(() -> load(0, into -> {
                            throw new AssertionError("a mistake");
                        })
                        .get(20, TimeUnit.SECONDS))
                .hasRootCauseMessage("a mistake");
        assertAnswered(load(0, into -> LOADED));
    }

    @Test
    void memoryThatIsShortEndsOneReadOfAnExtentAndNotTheNext() {
        memoryIsShort.set(true);
        assertThatThrownBy(() -> load(0, into -> LOADED).get(20, TimeUnit.SECONDS))
                .hasRootCauseMessage("no memory");
        memoryIsShort.set(false);
        assertAnswered(load(0, into -> LOADED));
    }

    @Test
    void readsThatWaitForAStoreThatHangsHoldNoMemoryAndTooManyFailAtOnce() {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        AtomicInteger loading = new AtomicInteger();
        List<CompletableFuture<Integer>> reads = new ArrayList<>();
        for (int extent = 0; extent < 500; extent++) {
            reads.add(load(extent, into -> {
                loading.incrementAndGet();
                return answer;
            }));
        }
        await().until(() -> loading.get() == StoreCalls.READS);
        int accepted = StoreCalls.READS + ExtentCache.QUEUE;
        assertThat(reads.subList(accepted, reads.size()))
                .as("the peers are choked, they do not wait")
                .allMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(allocated()).isLessThanOrEqualTo((long) StoreCalls.READS * MIB + CAPACITY);

        answer.complete(null);
        reads.subList(0, accepted).forEach(ExtentCacheTest::assertAnswered);
        assertThat(most.get()).isLessThanOrEqualTo((long) StoreCalls.READS * MIB + CAPACITY);
        await().until(() -> allocated() <= CAPACITY);
    }

    @Test
    void extentsThatAreStillBeingSentCountAsMemory() {
        List<ByteBuf> beingSent = new ArrayList<>();
        int refused = 0;
        for (int extent = 0; extent < 100; extent++) {
            CompletableFuture<ByteBuf> read = new CompletableFuture<>();
            extents.load(new ExtentCache.ExtentKey("object", extent), MIB, into -> LOADED, receiver(read));
            try {
                beingSent.add(read.orTimeout(20, TimeUnit.SECONDS).join());
            } catch (CompletionException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
        assertThat(most.get()).isLessThanOrEqualTo((long) StoreCalls.READS * MIB + CAPACITY);
        beingSent.forEach(ByteBuf::release);
        assertAnswered(load(100, into -> LOADED));
    }

    private CompletableFuture<Integer> load(int extent, ExtentCache.Loader loader) {
        CompletableFuture<ByteBuf> read = new CompletableFuture<>();
        extents.load(new ExtentCache.ExtentKey("object", extent), MIB, loader, receiver(read));
        return read.thenApply(bytes -> {
            int length = bytes.readableBytes();
            bytes.release();
            return length;
        });
    }

    private static ExtentCache.Receiver receiver(CompletableFuture<ByteBuf> read) {
        return new ExtentCache.Receiver() {
            @Override
            public void done(ByteBuf extent) {
                read.complete(extent);
            }

            @Override
            public void failed(Throwable cause) {
                read.completeExceptionally(cause);
            }
        };
    }

    private static void assertAnswered(CompletableFuture<Integer> read) {
        assertThat(read.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(MIB);
    }

    private ByteBuf allocate(int length) {
        if (memoryIsShort.get()) {
            throw new OutOfMemoryError("no memory");
        }
        ByteBuf buffer = memory.directBuffer(length, length);
        most.accumulateAndGet(allocated(), Math::max);
        return buffer;
    }

    private long allocated() {
        return memory.metric().usedDirectMemory();
    }
}
