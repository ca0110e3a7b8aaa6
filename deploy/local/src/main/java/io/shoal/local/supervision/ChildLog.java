package io.shoal.local.supervision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The log of one child and its successors: JSON, one object a line. Lines that are JSON already are kept as they are, others
 * are wrapped. A file that has grown past its limit is moved aside, and the one before it is deleted.
 *
 * <p>The pipe is drained by a platform thread: a virtual thread in a pipe read keeps its carrier, so a few silent children
 * would keep every other virtual thread from running. The pipe is drained even while the file cannot be written, because a
 * child whose pipe is full blocks.
 */
public final class ChildLog {
    private static final long FILE_BYTES = 64 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final Path file;
    private long lostLines;

    public ChildLog(String name, Path file) {
        this.name = name;
        this.file = file;
    }

    /** The file that is written now. */
    public Path file() {
        return file;
    }

    /** Copies everything that {@code process} prints, until it ends. */
    void follow(Process process) {
        Thread.ofPlatform().daemon().name(name + " log").start(() -> {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    append(line.startsWith("{") ? line : wrapped(line));
                }
            } catch (IOException e) {
                note("the rest of the output cannot be read: " + e.getMessage());
            }
        });
    }

    /** Adds a line of the launcher's own. */
    void note(String message) {
        append(wrapped(message));
    }

    private String wrapped(String message) {
        Map<String, String> line = new LinkedHashMap<>();
        line.put("timestamp", Instant.now().toString());
        line.put("process", name);
        line.put("message", message);
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text that is no JSON string", e);
        }
    }

    /** A line that cannot be written is lost; the next line that can be written is preceded by how many were. */
    private synchronized void append(String line) {
        try {
            if (Files.exists(file) && Files.size(file) > FILE_BYTES) {
                Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
            String lost = lostLines == 0 ? "" : wrapped(lostLines + " lines before this could not be written") + "\n";
            Files.writeString(file, lost + line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            lostLines = 0;
        } catch (IOException e) {
            lostLines++;
        }
    }
}
