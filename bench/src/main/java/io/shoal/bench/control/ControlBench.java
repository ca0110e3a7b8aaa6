package io.shoal.bench.control;

import io.shoal.bench.programs.WorkFolder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The control plane under the load of many live torrents, each figure beside its target. */
@Command(
        name = "control",
        mixinStandardHelpOptions = true,
        description = {
            "Intake and storage under the records of 100,000 live torrents, over real Kafka, PostgreSQL and S3 servers, without workers.",
            "Each part starts its servers anew. The whole of it takes hours of two cores where a target is far; --scale 0.1 takes minutes."
        })
public final class ControlBench implements Callable<Integer> {
    private static final int MESSAGE_LENGTH = 200;

    @Option(
            names = "--scale",
            defaultValue = "1",
            description =
                    "Part of all numbers of records, rows and slices; targets are for 1 (default: ${DEFAULT-VALUE}).")
    private double scale = 1;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "Parts to measure, of ${COMPLETION-CANDIDATES} (default: all).")
    private List<Part> only = Arrays.asList(Part.values());

    @Option(
            names = "--replicas",
            split = ",",
            defaultValue = "1,2,4",
            description = "Numbers of replicas to measure one after the other (default: ${DEFAULT-VALUE}).")
    private List<Integer> replicas = List.of(1, 2, 4);

    @Option(
            names = "--limit",
            defaultValue = "240",
            paramLabel = "MINUTES",
            description = "The whole run ends after so many minutes (default: ${DEFAULT-VALUE}).")
    private int limit = 240;

    @Mixin
    private final WorkFolder folder = new WorkFolder();

    @Override
    public Integer call() throws Exception {
        Locale.setDefault(Locale.ROOT); // figures look the same everywhere
        try (WorkFolder.Run made = folder.make()) {
            Report report = new Report();
            Run run = new Run(new Sizes(scale), replicas, made.path(), new Deadline(Duration.ofMinutes(limit)), report);
            int failed = 0;
            for (Part part : only) {
                failed += measure(run, part) ? 0 : 1;
            }
            report.print();
            return failed == 0 ? 0 : 1;
        }
    }

    /** Measures one part; a part that fails is reported, and the others follow. Returns whether it went well. */
    private static boolean measure(Run run, Part part) throws InterruptedException {
        if (run.deadline().hasPassed()) {
            run.report().add(part.toString(), "not measured: the time of the run is up (--limit)");
            return false;
        }
        try {
            measurement(part).measure(run);
            return true;
        } catch (InterruptedException e) {
            throw e;
        } catch (
                Exception
                        e) { // whatever a server, a database or a client did: the other parts are still worth measuring
            Run.say("%s has failed: %s".formatted(part, e));
            run.report().add(part.toString(), "failed: " + firstOf(String.valueOf(e.getMessage())));
            return false;
        }
    }

    /** The beginning of a message: it may be the last words of a process. */
    private static String firstOf(String message) {
        String line = message.lines().findFirst().orElse("");
        return line.length() <= MESSAGE_LENGTH ? line : line.substring(0, MESSAGE_LENGTH) + "...";
    }

    private static Measurement measurement(Part part) {
        return switch (part) {
            case STORAGE -> new StorageIntake();
            case RESTART -> new Restart();
            case TRANSACTIONS -> new Transactions();
            case INTAKE -> new IntakeLoad();
            case RELAY -> new RelayLoad();
            case JOBS -> new JobsLoad();
            case EVENTS -> new EventLoad();
        };
    }
}
