package io.shoal.embedded.test;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Info dictionaries that need as much memory as one of their size can, made outside the heap. */
public enum HeavyInfo {
    /** An unknown list of as many values as the limit allows. */
    VALUES {
        @Override
        void write(ByteBuffer out) {
            put(out, SMALL + "1:xl");
            for (int i = Math.min(3_900_000, out.remaining() / 2 - 8); i > 0; i--) {
                put(out, "0:");
            }
            put(out, "ee");
        }
    },
    /** An unknown dictionary of many keys out of order. */
    KEYS {
        @Override
        void write(ByteBuffer out) {
            put(out, SMALL + "1:xd");
            for (int i = Math.min(1_000_000, out.remaining() / 12 - 8); i > 0; i--) {
                put(out, "7:" + (1_000_000 + i) + "0:");
            }
            put(out, "ee");
        }
    },
    /** As many files as the limit allows, each with a path as deep as the limit of values and the size allow. */
    FILES {
        @Override
        void write(ByteBuffer out) {
            int room = out.remaining() / 100_000 - 32;
            int depth = Math.min(26, room / 4);
            int length = room / depth - 3;
            put(out, "d12:piece lengthi16384e4:name1:a6:pieces20:aaaaaaaaaaaaaaaaaaaa5:filesl");
            for (int file = 0; file < 100_000; file++) {
                put(out, "d6:lengthi" + (file == 0 ? 1 : 0) + "e4:pathl");
                for (int i = 0; i < depth; i++) {
                    put(out, length + ":" + "a".repeat(length));
                }
                String name = Integer.toString(file);
                put(out, name.length() + ":" + name + "ee");
            }
            put(out, "ee");
        }
    },
    /** As many piece hashes as the size allows. */
    PIECES {
        @Override
        void write(ByteBuffer out) {
            int pieces = Math.min(1_500_000, out.remaining() / 20 - 10);
            put(out, "d6:lengthi" + 16_384L * pieces + "e12:piece lengthi16384e4:name1:a6:pieces" + 20 * pieces + ":");
            out.position(out.position() + 20 * pieces);
            put(out, "e");
        }
    },
    /** A file of 16 TiB, which has a million segments. */
    SEGMENTS {
        @Override
        void write(ByteBuffer out) {
            int pieces = 1 << 17;
            put(out, "d6:lengthi" + (16L << 40) + "e12:piece lengthi134217728e4:name1:a6:pieces" + 20 * pieces + ":");
            out.position(out.position() + 20 * pieces);
            put(out, "e");
        }
    };

    private static final String SMALL = "d6:lengthi1e12:piece lengthi16384e4:name1:a6:pieces20:aaaaaaaaaaaaaaaaaaaa";

    abstract void write(ByteBuffer out);

    private static void put(ByteBuffer out, String text) {
        out.put(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The info dictionary of up to {@code size} bytes. */
    public ByteBuffer ofBytes(int size) {
        ByteBuffer out = ByteBuffer.allocateDirect(size);
        write(out);
        return out.flip();
    }
}
