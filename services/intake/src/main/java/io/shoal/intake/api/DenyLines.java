package io.shoal.intake.api;

import io.shoal.intake.admission.DenyList;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads a deny list from a body, line by line: a hash, optionally followed by a space and a reason. Empty lines and lines that begin
 * with {@code #} are skipped. At no time is more than one line in memory.
 */
final class DenyLines {
    static final int LINES = 1_000_000;

    /** A v2 info-hash, a space and the longest reason. */
    private static final int LINE_BYTES = 64 + 1 + 3 * Reasons.CHARS;

    /** After a refusal so many bytes are still read, because many clients read no answer before they have sent everything. */
    private static final long LINGER_BYTES = 64L << 20;

    private final InputStream body;
    private int number;

    DenyLines(InputStream body) {
        this.body = new BufferedInputStream(body, 1 << 16);
    }

    /** How many lines were read. */
    int number() {
        return number;
    }

    /** The next line with a hash; null at the end. */
    DenyList.@Nullable Line next() {
        try {
            for (String line = readLine(); line != null; line = readLine()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    return parse(line);
                }
            }
            return null;
        } catch (IOException e) {
            throw ProblemException.of(ProblemKind.BAD_REQUEST, "The body broke off");
        }
    }

    private DenyList.Line parse(String line) {
        String[] parts = line.split("[ \t]+", 2);
        String hash = parts[0].toLowerCase(Locale.ROOT);
        if (!Hashes.isAnyVersion(hash)) {
            throw invalid("must begin with 40 or 64 hexadecimal digits");
        }
        String reason = parts.length == 1 || parts[1].isBlank() ? null : parts[1].strip();
        if (reason != null && !Reasons.isGood(reason)) {
            throw invalid("must have a reason of at most " + Reasons.CHARS + " characters, without control characters");
        }
        return new DenyList.Line(hash, reason);
    }

    private @Nullable String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        int c = body.read();
        if (c < 0) {
            return null;
        }
        number++;
        if (number > LINES) {
            throw invalid("must not come after " + LINES + " others");
        }
        for (; c >= 0 && c != '\n'; c = body.read()) {
            if (line.size() > LINE_BYTES) {
                throw invalid("must be at most " + LINE_BYTES + " bytes long");
            }
            line.write(c);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line.toByteArray()))
                    .toString()
                    .stripTrailing();
        } catch (CharacterCodingException e) {
            throw invalid("must be UTF-8");
        }
    }

    private ProblemException invalid(String rule) {
        try {
            body.skipNBytes(LINGER_BYTES);
        } catch (IOException e) {
            // The end of the body, or of the connection: in both cases nothing more comes.
        }
        return ProblemException.invalid(ProblemKind.INVALID_FIELD, "line " + number, rule);
    }
}
