package io.shoal.local.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.embedded.Home;
import io.shoal.local.hosts.Hosts;
import io.shoal.local.peers.OutsidePeer;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Clients that are to find each other. They take long to say good-bye, so that all do it together when this is closed. */
public final class Meeting implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Hosts hosts;
    private final Path folder;
    private final List<OutsidePeer> all = new ArrayList<>();

    /** Of clients on {@code hosts}, with their files in a folder that goes with them. */
    public Meeting(Hosts hosts) throws IOException {
        this.hosts = hosts;
        this.folder = Files.createTempDirectory("shoal-clients");
    }

    /** What each of them has to know. */
    public interface Invitation {
        /** The bytes of the .torrent for {@code guest}. */
        byte[] torrent(Program guest) throws Exception;
    }

    /**
     * The first has the content, all others get it. Who asks before the seed is there is told to come back, and some take
     * minutes for that: so they come when {@code seedIsKnown}.
     */
    public void meet(
            String what,
            Content content,
            Invitation invitation,
            Await.Condition seedIsKnown,
            Program seed,
            Program... leeches)
            throws Exception {
        long begun = System.nanoTime();
        Path own = Files.createTempDirectory(folder, "m");
        List<OutsidePeer> swarm = new ArrayList<>();
        List<Path> taken = new ArrayList<>();
        swarm.add(start(seed, invitation, content.folder(), own.resolve("0")));
        Await.until("the tracker knows the seed", LIMIT, seedIsKnown);
        for (Program leech : leeches) {
            Path into = Files.createDirectory(own.resolve("taken" + swarm.size()));
            taken.add(into);
            swarm.add(start(leech, invitation, into, own.resolve("" + swarm.size())));
        }
        for (OutsidePeer peer : swarm) {
            Await.until(
                    peer.name() + " has all of it", LIMIT, () -> peer.progress().complete(), () -> progress(peer));
            System.out.printf("%s: %s after %.1f s%n", what, peer.name(), (System.nanoTime() - begun) / 1e9);
        }
        for (Path into : taken) {
            assertThat(Sha256.of(content.copyOf(content.root(), into))).isEqualTo(Sha256.of(content.root()));
        }
    }

    private OutsidePeer start(Program program, Invitation invitation, Path content, Path own) throws Exception {
        Path torrent = Files.write(
                Files.createDirectory(own).resolveSibling(own.getFileName() + ".torrent"), invitation.torrent(program));
        OutsidePeer started = program.start(hosts, torrent, content, own);
        all.add(started);
        return started;
    }

    private static Object progress(OutsidePeer peer) {
        try {
            return peer.progress();
        } catch (Exception e) {
            return e;
        }
    }

    @Override
    public void close() {
        try (ExecutorService closing = Executors.newCachedThreadPool()) {
            all.forEach(client -> closing.execute(client::close));
        }
        Home.delete(folder);
    }
}
