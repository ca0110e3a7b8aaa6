package io.shoal.intake.transfers;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The labels of a transfer: a set of short texts, in the order of their characters. Clients compare them exactly, so their case is kept;
 * white space around them is removed and they are composed (NFC), because the same label that is typed on two systems must
 * be one. A comma is not allowed, because clients join labels with it. Immutable.
 */
public final class Labels {
    /** Labels of one transfer. */
    public static final int MOST = 32;

    /** Bytes of one label in UTF-8. */
    public static final int BYTES = 100;

    /** The rule that {@link #of} enforces. */
    public static final String RULE = "must be up to " + MOST + " texts of 1 to " + BYTES
            + " bytes in UTF-8, without commas and control characters";

    /** No label. */
    public static final Labels NONE = new Labels(List.of());

    private final List<String> sorted;

    private Labels(List<String> sorted) {
        this.sorted = sorted;
    }

    /**
     * Returns the labels that are written so.
     *
     * @throws IllegalArgumentException they break the {@link #RULE}
     */
    public static Labels of(Collection<? extends @Nullable String> texts) {
        TreeSet<String> labels = new TreeSet<>();
        for (String text : texts) {
            labels.add(label(text));
            if (labels.size() > MOST) {
                throw new IllegalArgumentException(RULE);
            }
        }
        return new Labels(List.copyOf(labels));
    }

    /**
     * Returns the one label that is written so.
     *
     * @throws IllegalArgumentException it breaks the {@link #RULE}
     */
    public static String label(@Nullable String text) {
        String label = text == null ? "" : Normalizer.normalize(text.strip(), Normalizer.Form.NFC);
        if (label.isEmpty()
                || label.length() > BYTES
                || label.getBytes(StandardCharsets.UTF_8).length > BYTES
                || label.chars().anyMatch(c -> c == ',' || Character.isISOControl(c))) {
            throw new IllegalArgumentException(RULE);
        }
        return label;
    }

    /**
     * Returns these labels and {@code label}.
     *
     * @throws TooManyLabelsException they are too many then
     */
    Labels with(String label) {
        TreeSet<String> labels = new TreeSet<>(sorted);
        labels.add(label);
        if (labels.size() > MOST) {
            throw new TooManyLabelsException();
        }
        return new Labels(List.copyOf(labels));
    }

    /** Returns the labels, each once, in order. */
    public List<String> list() {
        return sorted;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Labels other && sorted.equals(other.sorted);
    }

    @Override
    public int hashCode() {
        return sorted.hashCode();
    }

    @Override
    public String toString() {
        return "Labels" + sorted;
    }
}
