package io.shoal.bench.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The statements of one database as PostgreSQL logs them, with what each took: parsing, planning and execution together. */
final class StatementLog {
    private static final Pattern ENTRY = Pattern.compile(
            "^\\d{4}-\\S+ \\S+ \\S+ \\[(\\d+)] LOG:  duration: ([\\d.]+) ms +(parse|bind|execute|statement)[^:]*: (.*)$");
    private static final Pattern HEAD = Pattern.compile("^\\d{4}-\\d\\d-\\d\\d ");

    private final Path log;
    private long position;

    /** Of what is appended to {@code log} from now on. */
    StatementLog(Path log) throws IOException {
        this.log = log;
        skip();
    }

    /** Logs the statements of sessions of {@code database} that begin from now on. */
    static StatementLog start(Stage stage, String database) throws SQLException, IOException {
        stage.databases().execute("postgres", "alter database " + database + " set log_min_duration_statement = 0");
        return new StatementLog(stage.postgresLog());
    }

    /**
     * A statement that was executed.
     *
     * @param text in one line
     */
    record Executed(String text, double millis) {}

    /** Forgets what was logged so far. */
    void skip() throws IOException {
        position = Files.size(log);
    }

    /** What was executed since the last {@link #skip}. */
    List<Executed> read() throws IOException {
        List<Executed> all = new ArrayList<>();
        Map<String, Double> begun = new HashMap<>();
        try (var bytes = Files.newInputStream(log)) {
            bytes.skipNBytes(position);
            BufferedReader lines =
                    new BufferedReader(new java.io.InputStreamReader(bytes, StandardCharsets.UTF_8), 1 << 16);
            StringBuilder entry = new StringBuilder();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (HEAD.matcher(line).find()) {
                    add(entry.toString(), begun, all);
                    entry.setLength(0);
                    entry.append(line);
                } else {
                    entry.append(' ').append(line.strip());
                }
            }
            add(entry.toString(), begun, all);
        }
        return all;
    }

    private static void add(String entry, Map<String, Double> begun, List<Executed> all) {
        Matcher logged = ENTRY.matcher(entry);
        if (!logged.matches()) {
            return;
        }
        String session = logged.group(1);
        double millis = Double.parseDouble(logged.group(2));
        if (logged.group(3).equals("parse") || logged.group(3).equals("bind")) {
            begun.merge(session, millis, Double::sum);
        } else {
            Double before = begun.remove(session);
            all.add(new Executed(logged.group(4), millis + (before == null ? 0 : before)));
        }
    }
}
