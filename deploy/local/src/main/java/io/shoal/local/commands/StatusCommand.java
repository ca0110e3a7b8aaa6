package io.shoal.local.commands;

import io.shoal.local.client.Transfer;
import io.shoal.local.platform.Endpoints;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows what runs in a folder. */
@Command(
        name = "status",
        description = "Shows the processes of a running platform and the transfers of its default tenant.")
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private FolderOption data = new FolderOption();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Endpoints endpoints = Endpoints.read(data.folder());
        System.out.println("API " + endpoints.api());
        for (Endpoints.Running process : endpoints.processes()) {
            boolean alive =
                    ProcessHandle.of(process.pid()).map(ProcessHandle::isAlive).orElse(false);
            System.out.printf(
                    "%-10s %-8s %s%s%n",
                    process.name(),
                    alive ? Long.toString(process.pid()) : "dead",
                    process.management() == null ? "" : process.management(),
                    process.peerPorts().isEmpty() ? "" : "  peers " + process.peerPorts());
        }
        List<Transfer> transfers = DefaultTenant.client(data.folder()).transfers();
        if (transfers.isEmpty()) {
            System.out.println("no transfers; ./shoal add FILE|URL|MAGNET submits one");
        }
        for (Transfer transfer : transfers) {
            System.out.println(TransferLine.of(transfer));
        }
        return 0;
    }
}
