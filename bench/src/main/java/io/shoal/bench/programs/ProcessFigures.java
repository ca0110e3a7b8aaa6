package io.shoal.bench.programs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the kernel knows of a process that runs: its CPU time and memory, from {@code /proc}. */
public final class ProcessFigures {
    /** Clock ticks of {@code /proc/PID/stat} in a second: fixed in Linux's user ABI. */
    private static final double TICKS = 100;

    private final long pid;

    public ProcessFigures(long pid) {
        this.pid = pid;
    }

    /** CPU seconds that it has spent, in user and kernel mode, its ended children not counted. */
    public double cpuSeconds() throws IOException {
        String stat = Files.readString(proc("stat"), StandardCharsets.ISO_8859_1);
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        return (Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12))) / TICKS;
    }

    /** The most resident memory since {@link #resetPeak}, in MiB. */
    public double peakMiB() throws IOException {
        return kibibytes("VmHWM:") / 1024.0;
    }

    /** Resident memory now, in MiB. */
    public double residentMiB() throws IOException {
        return kibibytes("VmRSS:") / 1024.0;
    }

    private long kibibytes(String name) throws IOException {
        for (String line : Files.readAllLines(proc("status"))) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no " + name + " for process " + pid);
    }

    /** Its share of the memory that it uses now: what it shares with others counts in parts (PSS), in MiB. */
    public double shareMiB() throws IOException {
        for (String line : Files.readAllLines(proc("smaps_rollup"))) {
            if (line.startsWith("Pss:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
            }
        }
        throw new IOException("no Pss for process " + pid);
    }

    /** Forgets the peak so far. */
    public void resetPeak() throws IOException {
        Files.writeString(proc("clear_refs"), "5");
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(pid), file);
    }
}
