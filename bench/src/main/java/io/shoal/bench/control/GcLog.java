package io.shoal.bench.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The log that a JVM writes of its garbage collections: it shows each peak of the heap, and what was left after it. */
record GcLog(Path file) {
    private static final Pattern COLLECTION = Pattern.compile(" (\\d+)M->(\\d+)M\\(\\d+M\\) ([\\d.]+)ms$");

    /**
     * The heap of a JVM so far, in MiB.
     *
     * @param peak most that was in use
     * @param kept most that was left after a collection
     * @param pauseSeconds spent in collections
     */
    record Heap(int peak, int kept, double pauseSeconds) {
        private static final Heap NONE = new Heap(0, 0, 0);

        private Heap with(int before, int after, double pauseMillis) {
            return new Heap(Math.max(peak, before), Math.max(kept, after), pauseSeconds + pauseMillis / 1e3);
        }

        @Override
        public String toString() {
            return "peak %d MiB, %d MiB after a collection, %.1f s in collections".formatted(peak, kept, pauseSeconds);
        }
    }

    /** The option of a JVM that writes it. */
    String option() {
        return "-Xlog:gc:file=" + file + "::filecount=0";
    }

    Heap heap() throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            Heap heap = Heap.NONE;
            for (String line : (Iterable<String>) lines::iterator) {
                Matcher collection = COLLECTION.matcher(line);
                if (collection.find()) {
                    heap = heap.with(
                            Integer.parseInt(collection.group(1)),
                            Integer.parseInt(collection.group(2)),
                            Double.parseDouble(collection.group(3)));
                }
            }
            return heap;
        }
    }
}
