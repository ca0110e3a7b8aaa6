package io.shoal.intake.torrents;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.magnet.Magnet;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Where a swarm is found. Belongs to the transfer that brought it and is shown to nobody else: announce URLs carry passkeys.
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

    /** What all of these name, the first first, each URL once, within the limits. */
    public static Sources union(List<Sources> all) {
        Set<String> seen = new LinkedHashSet<>();
        List<List<String>> tiers = new ArrayList<>();
        for (Sources sources : all) {
            for (List<String> tier : sources.trackers) {
                List<String> fresh = tier.stream()
                        .filter(url -> seen.size() < Limits.TRACKERS && seen.add(url))
                        .toList();
                if (!fresh.isEmpty()) {
                    tiers.add(fresh);
                }
            }
        }
        return new Sources(
                tiers,
                all.stream()
                        .flatMap(sources -> sources.webSeeds.stream())
                        .distinct()
                        .limit(Limits.WEB_SEEDS)
                        .toList(),
                all.stream()
                        .flatMap(sources -> sources.peers.stream())
                        .distinct()
                        .limit(Magnet.PEERS)
                        .toList());
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
