package io.shoal.intake.api;

import io.shoal.bittorrent.Limits;
import io.shoal.contracts.records.Wanted.Priority;
import io.shoal.intake.transfers.Labels;
import io.shoal.intake.wishes.Selection;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks the fields that submissions and changes have in common. Every refusal names the field and the rule. */
final class TransferFields {
    /** The shortest goal of idleness: activity is known to the minute. */
    static final int IDLE_SECONDS_MIN = 60;

    /** The longest goal of time: ten years. */
    static final int MAX_SECONDS = 315_360_000;

    private static final double MAX_RATIO = 1_000;

    private TransferFields() {}

    static Selection selection(List<@Nullable Integer> wanted) {
        if (wanted.isEmpty() || wanted.size() > Limits.FILES) {
            throw noSelection();
        }
        BitSet files = new BitSet();
        for (Integer file : wanted) {
            if (file == null || file < 0 || file >= Limits.FILES) {
                throw noSelection();
            }
            files.set(file);
        }
        return Selection.of(files);
    }

    static ProblemException noSelection() {
        return invalid("wanted", "must be a list of 1 to " + Limits.FILES + " indexes of files");
    }

    /** Returns {@code selection} with the priorities of these lists of files. */
    static Selection prioritised(Selection selection, Map<Priority, List<@Nullable Integer>> lists) {
        Map<Priority, BitSet> some = new EnumMap<>(Priority.class);
        BitSet named = new BitSet();
        lists.forEach((priority, list) -> {
            BitSet files = new BitSet();
            for (Integer file : list) {
                if (file == null || file < 0 || file >= Limits.FILES || named.get(file)) {
                    throw noPriorities();
                }
                files.set(file);
            }
            named.or(files);
            some.put(priority, files);
        });
        return selection.with(some);
    }

    static ProblemException noPriorities() {
        return invalid(
                "priorities",
                "must be an object of skip, low, normal and high, each a list of indexes of files that are in no other list");
    }

    /** A part of a selection names an index that is no file, or a pad file. */
    static ProblemException noSuchFile(Selection.Part part) {
        return invalid(part.name().toLowerCase(Locale.ROOT), "must be indexes of files of this torrent");
    }

    /** No file would be wanted. */
    static ProblemException nothingWanted() {
        return invalid("priorities", "must leave a file that is wanted");
    }

    static double ratio(double ratio) {
        if (!(ratio >= 0 && ratio <= MAX_RATIO)) {
            throw noRatio();
        }
        return ratio;
    }

    static ProblemException noRatio() {
        return invalid("ratio", "must be from 0 to 1000");
    }

    static long seconds(String field, long seconds, long least) {
        if (seconds < least || seconds > MAX_SECONDS) {
            throw noSeconds(field, least);
        }
        return seconds;
    }

    static ProblemException noSeconds(String field, long least) {
        return invalid(field, "must be a whole number of seconds from " + least + " to " + MAX_SECONDS);
    }

    /** Returns a limit of a rate; 0 for none. */
    static long rate(String field, @Nullable Long rate) {
        if (rate != null && rate < 0) {
            throw noRate(field);
        }
        return rate == null ? 0 : rate;
    }

    static ProblemException noRate(String field) {
        return invalid(field, "must be bytes per second, from 0 to " + Long.MAX_VALUE + "; 0 and null: no limit");
    }

    /** Reads one label. */
    static String label(String text) {
        try {
            if (Texts.isStorable(text)) {
                return Labels.label(text);
            }
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw invalid("label", Labels.RULE);
    }

    static Labels labels(List<@Nullable String> labels) {
        try {
            return Labels.of(labels);
        } catch (IllegalArgumentException e) {
            throw invalid("labels", Labels.RULE);
        }
    }

    /** With the label of the app key they are too many. */
    static ProblemException tooManyLabels() {
        return invalid("labels", "must be at most " + Labels.MOST + ", with the label of the app key");
    }

    static String displayName(String name) {
        return Names.read("displayName", name);
    }

    static String category(String name) {
        return Names.read("category", name);
    }

    /** Trackers, web seeds and peers of a transfer would have too many bytes. */
    static ProblemException tooManySources() {
        return invalid(
                "trackers", "must have, with the web seeds, at most " + (Limits.SOURCES_BYTES >> 10) + " KiB in all");
    }

    static ProblemException invalid(String field, String rule) {
        return ProblemException.invalid(ProblemKind.INVALID_FIELD, field, rule);
    }
}
