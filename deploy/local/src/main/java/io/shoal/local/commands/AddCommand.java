package io.shoal.local.commands;

import io.shoal.bittorrent.Limits;
import io.shoal.local.client.ShoalClient;
import io.shoal.local.client.Transfer;
import io.shoal.local.terminal.Screen;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Submits a torrent and shows its progress. */
@Command(
        name = "add",
        description = {
            "Submits a .torrent file, the URL of one or a magnet link as the default tenant of a running platform and shows the progress.",
            "Ctrl-C ends the display, not the transfer."
        })
final class AddCommand implements Callable<Integer> {
    private static final Duration PACE = Duration.ofMillis(500);
    /** Of any scheme: the API says which it takes. */
    private static final Pattern URL = Pattern.compile("(?i)\\s*([a-z][a-z0-9+.-]*://|magnet:)");

    @Mixin
    private FolderOption data = new FolderOption();

    @Parameters(
            paramLabel = "FILE|URL|MAGNET",
            description = "A .torrent file, its http or https URL, or a magnet link.")
    private String what = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
        ShoalClient client = DefaultTenant.client(data.folder());
        Transfer transfer = URL.matcher(what).lookingAt()
                ? client.submit(Map.<String, Object>of("url", what))
                : client.submit(torrent(Path.of(what)));
        Screen screen = new Screen(System.out);
        while (!transfer.complete()) {
            switch (transfer.state()) {
                case "FAILED" -> throw new IOException("the transfer failed: " + transfer.reason());
                case "BLOCKED" -> throw new IOException("the transfer is blocked: " + transfer.reason());
                default -> screen.progress(TransferLine.of(transfer));
            }
            Thread.sleep(PACE);
            transfer = client.transfer(transfer.id());
        }
        screen.line(TransferLine.of(transfer));
        for (ShoalClient.File file : client.files(transfer.id())) {
            if (file.wanted()) {
                screen.line("%s  %s".formatted(file.path(), client.link(transfer.id(), file.index())));
            }
        }
        return 0;
    }

    private static byte[] torrent(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a folder: name a .torrent file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] torrent = in.readNBytes(Limits.METAINFO_BYTES + 1);
            if (torrent.length > Limits.METAINFO_BYTES) {
                throw new IOException(
                        file + " is no .torrent file: it has more than " + Limits.METAINFO_BYTES + " bytes");
            }
            return torrent;
        } catch (NoSuchFileException e) {
            throw new IOException("no such file: " + file, e);
        }
    }
}
