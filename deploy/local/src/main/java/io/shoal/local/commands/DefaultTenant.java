package io.shoal.local.commands;

import io.shoal.local.client.ShoalClient;
import io.shoal.local.platform.Endpoints;
import io.shoal.local.platform.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The tenant as which {@code add} submits: created once for a folder, which keeps its key. */
final class DefaultTenant {
    private DefaultTenant() {}

    static ShoalClient client(Path folder) throws IOException, InterruptedException {
        Endpoints endpoints = Endpoints.read(folder);
        Path file = folder.resolve("tenant-key");
        if (!Files.exists(file)) {
            String key = new ShoalClient(endpoints.api(), endpoints.operatorKey())
                    .createTenant("default")
                    .key();
            PrivateFile.write(file, key.getBytes(StandardCharsets.UTF_8));
        }
        return new ShoalClient(endpoints.api(), Files.readString(file));
    }
}
