package io.shoal.contracts;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes broken inputs of good ones, the same ones for the same seed. */
public final class Fuzz {
    private static final byte[] INTERESTING = "0123456789{}[]\",:-_=.eE/ntfu\0\377".getBytes(ISO_8859_1);

    private Fuzz() {}

    /** What is tried on an input: it returns, or throws only what it may. */
    public interface Parser {
        void parse(byte[] input) throws Exception;
    }

    /** Hands {@code count} inputs to {@code parser}; one that it cannot stand fails with its seed and text. */
    public static void mutated(int count, List<byte[]> corpus, Parser parser) {
        for (int seed = 0; seed < count; seed++) {
            Random random = new Random(seed);
            byte[] input = corpus.get(random.nextInt(corpus.size()));
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                input = changed(random, input);
            }
            try {
                parser.parse(input);
            } catch (Exception | StackOverflowError | OutOfMemoryError e) {
                throw new AssertionError("seed " + seed + ": " + new String(input, ISO_8859_1), e);
            }
        }
    }

    private static byte[] changed(Random random, byte[] before) {
        int at = random.nextInt(before.length + 1);
        byte replacement = INTERESTING[random.nextInt(INTERESTING.length)];
        byte[] after = before.clone();
        switch (random.nextInt(4)) {
            case 0 -> after = Arrays.copyOf(before, at);
            case 1 -> {
                after = Arrays.copyOf(before, before.length + 1);
                System.arraycopy(before, at, after, at + 1, before.length - at);
                after[at] = replacement;
            }
            case 2 -> {
                if (at < before.length) {
                    after = Arrays.copyOf(before, before.length - 1);
                    System.arraycopy(before, at + 1, after, at, before.length - at - 1);
                }
            }
            default -> {
                if (at < before.length) {
                    after[at] = replacement;
                }
            }
        }
        return after;
    }
}
