package io.shoal.local.supervision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The log of one child over all its lives: JSON, one object a line. Lines that are JSON already are kept as they are, others
 * are wrapped. A file that has grown past its limit is moved aside, and the one before it goes.
 */
public final class ChildLog {
    private static final long FILE_BYTES = 64 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final Path file;

    public ChildLog(String name, Path file) {
        this.name = name;
        this.file = file;
    }

    /** Where it is. */
    public Path file() {
        return file;
    }

    /** Takes in all that {@code process} prints, until it ends. */
    void follow(Process process) {
        Thread.ofVirtual().name(name + " log").start(() -> {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    append(line.startsWith("{") ? line : wrapped(line));
                }
            } catch (IOException e) {
                note("the log is cut off here: " + e.getMessage());
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

    private synchronized void append(String line) {
        try {
            if (Files.exists(file) && Files.size(file) > FILE_BYTES) {
                Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
