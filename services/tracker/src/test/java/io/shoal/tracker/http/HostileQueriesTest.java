package io.shoal.tracker.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.tracker.announce.Request;
import io.shoal.tracker.networks.Address;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parsers of the HTTP edge under seeded noise: they end, stay in their bounds and let nothing out of range through. */
class HostileQueriesTest {
    private static final byte[] PIECES =
            "info_hash=peer_id=port=uploaded=downloaded=left=event=numwant=compact=ip=&&==%%00%zz?/ HTTP/1.1\r\n: 19"
                    .getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PATH = "/announce".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] GOOD = ("GET /passkey/announce?" + Client.LEECH + "&numwant=9&event=started&ip=1.2.3.4"
                    + " HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4, ::1\r\nConnection: close\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void headsAndQueriesEndInBounds(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        RequestHead head = new RequestHead();
        AnnounceQuery announce = new AnnounceQuery();
        ScrapeQuery scrape = new ScrapeQuery();
        int understood = 0;
        for (int run = 0; run < 40_000; run++) {
            ByteBuf buffer = Unpooled.wrappedBuffer(random.nextInt(3) == 0 ? noise(random) : mutated(random));
            if (head.read(buffer) != RequestHead.State.COMPLETE) {
                continue;
            }
            assertThat(head.end()).isLessThanOrEqualTo(buffer.writerIndex());
            head.asker(buffer, Address.ofV4(1), address -> random.nextBoolean());
            try {
                Request request = announce.read(
                        buffer,
                        head.queryFrom(),
                        head.queryTo(),
                        Address.ofV4(1),
                        random.nextBoolean(),
                        head.passkey(buffer, PATH));
                assertThat(request.port()).isBetween(0, 65_535);
                assertThat(request.left()).isNotNegative();
                assertThat(request.uploaded()).isNotNegative();
                assertThat(request.downloaded()).isNotNegative();
                understood++;
                assertThat(scrape.read(buffer, head.queryFrom(), head.queryTo()))
                        .hasSize(1);
            } catch (MalformedException e) {
                assertThat(e.reason()).matches("(missing|invalid|duplicate) [a-z_]+");
            }
        }
        assertThat(understood).isGreaterThan(1_000);
    }

    private static byte[] noise(SplittableRandom random) {
        byte[] noise = new byte[random.nextInt(300)];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = random.nextInt(8) == 0 ? (byte) random.nextInt(256) : PIECES[random.nextInt(PIECES.length)];
        }
        return noise;
    }

    private static byte[] mutated(SplittableRandom random) {
        byte[] mutated = GOOD.clone();
        for (int change = random.nextInt(4); change > 0; change--) {
            mutated[random.nextInt(mutated.length)] = PIECES[random.nextInt(PIECES.length)];
        }
        return mutated;
    }
}
