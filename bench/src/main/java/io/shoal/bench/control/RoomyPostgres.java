package io.shoal.bench.control;

import io.shoal.embedded.PostgresServer;
import io.shoal.embedded.Server;
import java.io.IOException;
import java.util.List;

/** PostgreSQL with places for the connections of many replicas, and memory for a million rows. */
record RoomyPostgres(PostgresServer server) implements Server {
    @Override
    public String name() {
        return server.name();
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
        server.prepare();
    }

    @Override
    public ProcessBuilder command() throws IOException {
        ProcessBuilder builder = server.command();
        builder.command()
                .addAll(List.of("-c", "max_connections=200", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB"));
        return builder;
    }

    @Override
    public boolean isReady() {
        return server.isReady();
    }

    @Override
    public void terminate(Process process) {
        server.terminate(process);
    }
}
