package io.shoal.intake.planning;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.magnet.Magnet;
import io.shoal.bittorrent.metainfo.About;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.transfers.AddOptions;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A torrent that a tenant submits, parsed and checked. */
public sealed interface Submission {
    InfoHash infoHash();

    /** Where its swarm is found. */
    Sources sources();

    /** The tenant's options. */
    AddOptions options();

    /** A .torrent. */
    record OfMetainfo(FileLayout layout, Sources sources, About about, AddOptions options) implements Submission {
        public static OfMetainfo of(Metainfo metainfo, FileLayout layout, AddOptions options) {
            return new OfMetainfo(
                    layout, Sources.of(metainfo.trackers(), metainfo.webSeeds(), List.of()), metainfo.about(), options);
        }

        @Override
        public InfoHash infoHash() {
            return layout.infoHash();
        }
    }

    /** A magnet link, as text and parsed. */
    record OfMagnet(String uri, Magnet magnet, AddOptions options) implements Submission {
        private static final Pattern V2_TOPIC = Pattern.compile("(?i)urn:btmh:1220([0-9a-f]{64})");

        @Override
        public InfoHash infoHash() {
            return magnet.infoHash();
        }

        /** All names by which the operator may deny the torrent: the link may name its v2 info-hash too (BEP 52). */
        List<String> hashes() {
            Stream<String> v2 =
                    V2_TOPIC.matcher(uri).results().map(topic -> topic.group(1).toLowerCase(Locale.ROOT));
            return Stream.concat(Stream.of(infoHash().hex()), v2).distinct().toList();
        }

        /** A link has no tiers: each tracker is a tier of its own, so that all are asked in the link's order. */
        @Override
        public Sources sources() {
            return Sources.of(magnet.trackers().stream().map(List::of).toList(), magnet.webSeeds(), magnet.peers());
        }
    }
}
