package io.shoal.local.terminal;

import java.util.Locale;

/** Numbers of bytes as people read them. */
public final class Sizes {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Sizes() {}

    /** Such as {@code 1.5 MiB}. */
    public static String of(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    /** Such as {@code 42%}, rounded down; 100 % of nothing. */
    public static String percent(long part, long whole) {
        return (whole == 0 ? 100 : part * 100 / whole) + "%";
    }

    /** A bar of {@code width} characters, filled by {@code part} of {@code whole}. */
    public static String bar(long part, long whole, int width) {
        int filled = whole == 0 ? width : Math.clamp(part * width / whole, 0, width);
        return "[" + "#".repeat(filled) + ".".repeat(width - filled) + "]";
    }
}
