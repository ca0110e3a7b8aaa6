package io.shoal.local.commands;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --workers N}: the same for all commands that start a platform. */
final class WorkersOption {
    private static final int MOST = 16;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    private int count = 1;

    int count() {
        return count;
    }

    @Option(names = "--workers", paramLabel = "N", description = "Number of workers, 1 to 16. Default: 1.")
    void setCount(int count) {
        if (count < 1 || count > MOST) {
            throw new ParameterException(spec.commandLine(), "--workers must be from 1 to " + MOST + ".");
        }
        this.count = count;
    }
}
