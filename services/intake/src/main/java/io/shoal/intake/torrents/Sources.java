package io.shoal.intake.torrents;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.magnet.Magnet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Where a swarm is found. Belongs to the transfer that brought it and is shown to no other tenant: announce URLs carry passkeys.
 * Bounded in number and in bytes by {@link #of} and {@link #union}, so that a torrent's record always fits into Kafka.
 *
 * @param trackers announce URLs in tiers (BEP 12); at most {@link Limits#TRACKERS} in all
 * @param webSeeds URLs of servers that have the files (BEP 19); at most {@link Limits#WEB_SEEDS}
 * @param peers {@code host:port} of peers that a magnet names; at most {@link Magnet#PEERS}
 */
public record Sources(List<List<String>> trackers, List<String> webSeeds, List<String> peers) {
    /** Nowhere. */
    public static final Sources NONE = new Sources(List.of(), List.of(), List.of());

    private static final String WEB_SEED = "web";
    private static final String PEER = "peer";

    public Sources {
        trackers = trackers.stream().map(List::copyOf).toList();
        webSeeds = List.copyOf(webSeeds);
        peers = List.copyOf(peers);
    }

    /** What one submission names, within the limits of {@link #union}. */
    public static Sources of(List<List<String>> trackers, List<String> webSeeds, List<String> peers) {
        return union(List.of(new Sources(trackers, webSeeds, peers)));
    }

    /**
     * What all of these name, in order, each URL once. What has control characters, or exceeds a number, or {@link Limits#SOURCES_BYTES} in all, is left out:
     * trackers have the first claim to the bytes, then web seeds, then peers.
     */
    public static Sources union(List<Sources> all) {
        return union(all, 1);
    }

    /**
     * What all of these, each of another tenant, name: as {@link #union}, but each is first given an equal part of the numbers and
     * bytes, so that one tenant's sources cannot keep all others' out.
     */
    public static Sources fairUnion(List<Sources> all) {
        Stream<Sources> parts = all.stream().map(sources -> union(List.of(sources), all.size()));
        return union(Stream.concat(parts, all.stream()).toList());
    }

    private static Sources union(List<Sources> all, int parts) {
        Room room = new Room(parts);
        List<List<String>> tiers = new ArrayList<>();
        Set<String> trackers = new LinkedHashSet<>();
        for (Sources sources : all) {
            for (List<String> tier : sources.trackers) {
                List<String> fresh = tier.stream()
                        .filter(url -> room.admits(url, trackers, Limits.TRACKERS))
                        .toList();
                if (!fresh.isEmpty()) {
                    tiers.add(fresh);
                }
            }
        }
        List<String> webSeeds = merged(all.stream().map(Sources::webSeeds), room, Limits.WEB_SEEDS);
        List<String> peers = merged(all.stream().map(Sources::peers), room, Magnet.PEERS);
        return new Sources(tiers, webSeeds, peers);
    }

    private static List<String> merged(Stream<List<String>> lists, Room room, int max) {
        Set<String> taken = new LinkedHashSet<>();
        return lists.flatMap(List::stream)
                .filter(each -> room.admits(each, taken, max))
                .toList();
    }

    /** The bytes that are left for one torrent's sources. */
    private static final class Room {
        private final int parts;
        private int bytes;

        /** One of {@code parts} equal parts of what a torrent's sources may take. */
        Room(int parts) {
            this.parts = parts;
            this.bytes = Limits.SOURCES_BYTES / parts;
        }

        /** Adds {@code text} to {@code taken} if it is new there and fits; returns whether it was added. */
        boolean admits(String text, Set<String> taken, int max) {
            if (text.chars().anyMatch(Character::isISOControl)) {
                return false; // it would not be read again as it is written
            }
            int needed = text.getBytes(StandardCharsets.UTF_8).length;
            if (taken.size() >= Math.max(1, max / parts) || needed > bytes || !taken.add(text)) {
                return false;
            }
            bytes -= needed;
            return true;
        }
    }

    /** One URL or peer a line, each after the number of its tier, {@code web} or {@code peer}. None has white space. */
    String text() {
        Stream<String> announces = Stream.iterate(0, i -> i < trackers.size(), i -> i + 1)
                .flatMap(tier -> trackers.get(tier).stream().map(url -> tier + " " + url));
        Stream<String> others = Stream.concat(
                webSeeds.stream().map(url -> WEB_SEED + " " + url),
                peers.stream().map(peer -> PEER + " " + peer));
        return String.join("\n", Stream.concat(announces, others).toList());
    }

    /** Reads what {@link #text} wrote. */
    static Sources parse(String text) {
        TreeMap<Integer, List<String>> tiers = new TreeMap<>();
        List<String> webSeeds = new ArrayList<>();
        List<String> peers = new ArrayList<>();
        for (String line : text.lines().toList()) {
            int space = line.indexOf(' ');
            String kind = line.substring(0, space);
            String url = line.substring(space + 1);
            if (kind.equals(WEB_SEED)) {
                webSeeds.add(url);
            } else if (kind.equals(PEER)) {
                peers.add(url);
            } else {
                tiers.computeIfAbsent(Integer.valueOf(kind), tier -> new ArrayList<>())
                        .add(url);
            }
        }
        return new Sources(List.copyOf(tiers.values()), webSeeds, peers);
    }

    /** Says how many, never which: they may be secrets. */
    @Override
    public String toString() {
        return "Sources[" + trackers.size() + " tiers, " + webSeeds.size() + " web seeds, " + peers.size() + " peers]";
    }
}
