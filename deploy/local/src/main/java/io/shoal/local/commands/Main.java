package io.shoal.local.commands;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code ./shoal}. Exit codes: 0 for success; 1 for a failure, with one line that gives the reason; 2 for a command line that
 * cannot be parsed.
 */
@Command(
        name = "./shoal",
        description = "Runs the whole Shoal platform on this machine.",
        subcommands = {DemoCommand.class, UpCommand.class, DownCommand.class, StatusCommand.class, AddCommand.class},
        footer = {
            "",
            "Commands of the script itself:",
            "  test   runs the tests; see ./shoal test --help",
            "  bench  compares Shoal with other programs; see ./shoal bench --help"
        })
public final class Main implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @SuppressWarnings("UnusedVariable") // its declaration gives every command the option
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "Shows this help and exits.")
    private boolean help;

    private Main() {}

    public static void main(String[] args) {
        AtomicBoolean ending = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ending.set(true), "ending"));
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            // A failure that a signal has caused is not reported.
            if (!ending.get()) {
                command.getErr().println("shoal: " + reason(failure));
            }
            return 1;
        });
        System.exit(line.execute(args));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "A command is required.");
    }

    private static String reason(Exception failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
