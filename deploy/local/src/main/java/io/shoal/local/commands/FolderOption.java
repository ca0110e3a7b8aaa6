package io.shoal.local.commands;

import io.shoal.embedded.Home;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --data DIR}: the same for all commands. */
final class FolderOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The platform's folder. Default: .shoal in the checkout.")
    private @Nullable Path folder;

    Path folder() {
        return (folder == null ? Home.checkout().resolve(".shoal") : folder)
                .toAbsolutePath()
                .normalize();
    }
}
