package io.shoal.engine.webseeds;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.egress.http.FetchFailure;
import io.shoal.egress.http.FetchReceiver;
import io.shoal.egress.http.FetchRequest;
import io.shoal.engine.net.ManualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever a server answers, the answer ends once, and blocks have exactly the bytes that it sent for them. */
class RangeAnswerFuzzTest {
    private static final Pieces PIECES = new Pieces(20L * Pieces.BLOCK, 4 * Pieces.BLOCK);
    private static final int FIRST = 1;
    private static final int BLOCKS = 6;
    private static final List<String> NAMES =
            List.of("Content-Range", "Content-Length", "Content-Encoding", "Retry-After", "Location");
    private static final List<String> VALUES = List.of(
            "",
            "bytes 65536-163839/327680",
            "bytes 65536-163839/*",
            "bytes 65536-163839/99999999999999999999",
            "bytes 999999999999999999-1/5",
            "bytes */327680",
            "bytes -1-5/327680",
            "327680",
            "-1",
            "99999999999999999999",
            "identity",
            "gzip",
            "Wed, 21 Oct 2026 07:28:00 GMT",
            "Wed, 99 Oct 2026 07:28:00 GMT",
            "2147483648",
            "\u0661\u0662");
    private static final int[] STATUSES = {
        200, 206, 206, 206, 204, 301, 400, 401, 403, 404, 410, 416, 429, 500, 503, 999
    };

    private static final class Recorder implements RangeAnswer.Listener {
        final List<String> ends = new ArrayList<>();
        int blocks;
        boolean afterEnd;

        private void call() {
            afterEnd |= !ends.isEmpty();
        }

        @Override
        public void begun(boolean isRange) {
            call();
        }

        @Override
        public void received(int bytes) {
            call();
        }

        @Override
        public void exhausted() {
            call();
        }

        @Override
        public void block(int piece, int block, ByteBuf data) {
            call();
            assertThat(data.readableBytes()).isEqualTo(Pieces.BLOCK);
            assertThat(4 * piece + block).isEqualTo(4 * FIRST + blocks);
            byte[] expected = new byte[Pieces.BLOCK];
            for (int i = 0; i < Pieces.BLOCK; i++) {
                expected[i] = (byte) (blocks * Pieces.BLOCK + i);
            }
            assertThat(ByteBufUtil.getBytes(data)).isEqualTo(expected);
            data.release();
            blocks++;
        }

        @Override
        public void completed() {
            call();
            ends.add("completed");
        }

        @Override
        public void failed(String code, boolean isRefusal, Duration retryAfter) {
            call();
            assertThat(retryAfter).isGreaterThanOrEqualTo(Duration.ZERO);
            assertThat(code).isNotEqualTo(WebSeed.Codes.INTERNAL);
            ends.add(code);
        }

        @Override
        public void unusable(String code) {
            call();
            ends.add(code);
        }
    }

    @Test
    void anAnswerEndsOnce() {
        SplittableRandom random = new SplittableRandom(206);
        SourceUrl url = Objects.requireNonNull(SourceUrl.parse("http://a.example/f"));
        int completed = 0;
        for (int round = 0; round < 2_000; round++) {
            BlockQueue queue = new BlockQueue(PIECES);
            for (int block = 0; block < BLOCKS; block++) {
                queue.add(FIRST + block / 4, block % 4);
            }
            List<FetchReceiver> receivers = new ArrayList<>();
            RangeClient.Requests requests = new RangeClient.Requests() {
                @Override
                public RangeClient.Request get(FetchRequest request, FetchReceiver receiver) {
                    receivers.add(receiver);
                    return RangeClient.Request.ENDED;
                }

                @Override
                public void close() {}
            };
            Recorder recorder = new Recorder();
            FileRange range = new FileRange(url, PIECES.offset(FIRST), (long) BLOCKS * Pieces.BLOCK, PIECES.total());
            RangeAnswer.request(range, url, queue, requests, new ManualLoop(), recorder);
            play(receivers.getFirst(), random);
            assertThat(recorder.ends).hasSizeLessThan(2);
            assertThat(recorder.afterEnd).isFalse();
            boolean isComplete = recorder.ends.contains("completed");
            completed += isComplete ? 1 : 0;
            assertThat(recorder.blocks == BLOCKS).isEqualTo(isComplete || queue.isEmpty());
            queue.clear();
        }
        assertThat(completed)
                .as("the test is about answers that can be used too")
                .isGreaterThan(100);
    }

    private static void play(FetchReceiver receiver, SplittableRandom random) {
        if (random.nextInt(10) > 0) {
            HttpHeaders headers = new DefaultHttpHeaders();
            if (random.nextBoolean()) {
                headers.set("Content-Range", VALUES.get(1));
            }
            for (int i = random.nextInt(3); i > 0; i--) {
                headers.set(NAMES.get(random.nextInt(NAMES.size())), VALUES.get(random.nextInt(VALUES.size())));
            }
            receiver.head(STATUSES[random.nextInt(STATUSES.length)], headers);
        }
        int left = random.nextInt(3) == 0 ? random.nextInt(200_000) : BLOCKS * Pieces.BLOCK + random.nextInt(2) * 77;
        for (int sent = 0; left > 0; ) {
            byte[] bytes = new byte[Math.min(left, 1 + random.nextInt(40_000))];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (sent + i);
            }
            receiver.body(Unpooled.wrappedBuffer(bytes));
            sent += bytes.length;
            left -= bytes.length;
        }
        if (random.nextBoolean()) {
            receiver.completed();
        } else {
            FetchFailure[] failures = FetchFailure.values();
            receiver.failed(failures[random.nextInt(failures.length)]);
        }
        receiver.completed();
    }
}
