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
 * {@code ./shoal}. Exit codes: 0 when it went well, 1 when it did not, with one line that says why, 2 for what cannot be
 * understood.
 */
@Command(
        name = "./shoal",
        description = "A seedbox platform, whole, on this machine.",
        subcommands = {DemoCommand.class, UpCommand.class, DownCommand.class, StatusCommand.class, AddCommand.class},
        footer = {
            "",
            "Also, by the script itself:",
            "  test   runs all tests; ./shoal test --help",
            "  bench  measures beside other clients; ./shoal bench --help"
        })
public final class Main implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @SuppressWarnings("UnusedVariable") // that it is declared gives every command its help
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "Shows this and ends.")
    private boolean help;

    private Main() {}

    public static void main(String[] args) {
        AtomicBoolean ending = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ending.set(true), "ending"));
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            // What fails because a signal ends us is no news.
            if (!ending.get()) {
                command.getErr().println("shoal: " + reason(failure));
            }
            return 1;
        });
        System.exit(line.execute(args));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Say what to do.");
    }

    private static String reason(Exception failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
