package io.shoal.intake.planning;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.magnet.Magnet;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.transfers.Transfer.AddOptions;
import java.util.List;

/** What a tenant hands over, parsed and found good. */
public sealed interface Submission {
    InfoHash infoHash();

    /** Where its swarm is found. */
    Sources sources();

    /** What the tenant wants of it. */
    AddOptions options();

    /** A .torrent. */
    record OfMetainfo(FileLayout layout, Sources sources, AddOptions options) implements Submission {
        public static OfMetainfo of(Metainfo metainfo, FileLayout layout, AddOptions options) {
            return new OfMetainfo(layout, Sources.of(metainfo.trackers(), metainfo.webSeeds(), List.of()), options);
        }

        @Override
        public InfoHash infoHash() {
            return layout.info().hash();
        }
    }

    /** A magnet link, to the letter and parsed. */
    record OfMagnet(String uri, Magnet magnet, AddOptions options) implements Submission {
        @Override
        public InfoHash infoHash() {
            return magnet.infoHash();
        }

        /** A link says nothing of tiers: each tracker is one of its own, so that all are asked in the link's order. */
        @Override
        public Sources sources() {
            return Sources.of(magnet.trackers().stream().map(List::of).toList(), magnet.webSeeds(), magnet.peers());
        }
    }
}
