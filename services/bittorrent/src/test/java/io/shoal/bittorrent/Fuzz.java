package io.shoal.bittorrent;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Makes broken inputs from valid ones, the same ones for the same seed. */
public final class Fuzz {
    private static final byte[] INTERESTING =
            "0123456789ielde:-\0\377 &=%#/.".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

    private Fuzz() {}

    /** The code under test: it returns, or throws only what it may. */
    public interface Parser {
        void parse(byte[] input) throws Exception;
    }

    /** Hands {@code count} inputs to {@code parser}; one that it cannot stand fails with its seed and bytes. */
    public static void mutated(int count, List<byte[]> corpus, Parser parser) {
        for (int seed = 0; seed < count; seed++) {
            Random random = new Random(seed);
            byte[] input = mutate(random, corpus.get(random.nextInt(corpus.size())));
            try {
                parser.parse(input);
            } catch (Exception | StackOverflowError | OutOfMemoryError e) {
                throw new AssertionError("seed " + seed + ": " + HexFormat.of().formatHex(input), e);
            }
        }
    }

    /** One to eight changes to a copy of {@code good}. */
    public static byte[] mutate(Random random, byte[] good) {
        byte[] input = good;
        for (int changes = random.nextInt(8); changes >= 0; changes--) {
            input = changed(random, input);
        }
        return input;
    }

    private static byte[] changed(Random random, byte[] before) {
        if (before.length == 0) {
            return new byte[] {interesting(random)};
        }
        int at = random.nextInt(before.length);
        int count = 1 + random.nextInt(Math.min(16, before.length - at));
        byte[] same = before.clone();
        switch (random.nextInt(6)) {
            case 0 -> same[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> same[at] = interesting(random);
            case 2 -> same[at] = (byte) random.nextInt();
            case 3 -> same = spliced(before, at, at, new byte[] {interesting(random), interesting(random)});
            case 4 -> same = spliced(before, at, at + count, new byte[0]);
            default -> same = spliced(before, at, at, java.util.Arrays.copyOfRange(before, at, at + count));
        }
        return random.nextInt(20) == 0 ? java.util.Arrays.copyOf(same, random.nextInt(same.length + 1)) : same;
    }

    private static byte interesting(Random random) {
        return INTERESTING[random.nextInt(INTERESTING.length)];
    }

    private static byte[] spliced(byte[] before, int from, int to, byte[] insert) {
        byte[] after = new byte[before.length - (to - from) + insert.length];
        System.arraycopy(before, 0, after, 0, from);
        System.arraycopy(insert, 0, after, from, insert.length);
        System.arraycopy(before, to, after, from + insert.length, before.length - to);
        return after;
    }
}
