package io.shoal.bench.programs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a program that failed said last: its log goes with the folder of the bench. */
public final class LastWords {
    private static final int LINES = 5;

    private LastWords() {}

    public static String of(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    }
}
