package io.shoal.engine;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * Figures of a torrent at one moment.
 *
 * @param downloaded payload bytes received, predecessors included
 * @param uploaded payload bytes sent, predecessors included
 * @param wasted payload bytes received in vain, predecessors included: hash failures and duplicates
 * @param downRate payload bytes received per second
 * @param upRate payload bytes sent per second
 * @param left bytes of the torrent that are not verified
 * @param wantedLeft bytes of wanted pieces that are not verified
 * @param availability copies of the rarest piece among {@code peers} and the web seeds in use, in thousandths
 * @param hashFailures pieces that failed
 * @param openPieces pieces that are being downloaded
 * @param trackers one for each tracker, in order, tiers flattened
 * @param peers connected peers, without torrents of this engine or its fleet
 * @param webSeeds one for each web seed that can be used, in order
 */
public record TorrentStats(
        long downloaded,
        long uploaded,
        long wasted,
        long downRate,
        long upRate,
        long left,
        long wantedLeft,
        int availability,
        int hashFailures,
        int openPieces,
        List<TrackerStats> trackers,
        List<PeerStats> peers,
        List<WebSeedStats> webSeeds) {

    public TorrentStats {
        trackers = List.copyOf(trackers);
        peers = List.copyOf(peers);
        webSeeds = List.copyOf(webSeeds);
    }

    /**
     * @param url its announce URL, which may carry a passkey
     * @param started whether {@code started} was announced to it in this session
     * @param nextAnnounce when it is announced to next
     * @param code {@code ok}, {@code waiting} before the first answer, else a named failure such as {@code timeout},
     *     {@code refused}, {@code http-503}, {@code failure}
     * @param isPlanned whether an announce to it is planned: not while trackers that come before it suffice
     * @param announcedAt when this engine has last announced to it, in milliseconds since 1970; 0 if it has not
     * @param seeds as it counts them; -1 if it does not say
     * @param leeches as it counts them; -1 if it does not say
     * @param peers how many its last answer named; -1 before the first
     */
    public record TrackerStats(
            String url,
            boolean started,
            NextAnnounce nextAnnounce,
            String code,
            boolean isPlanned,
            long announcedAt,
            int seeds,
            int leeches,
            int peers) {
        /** Leaves the URL out, because the result may end in logs. */
        @Override
        public String toString() {
            return "TrackerStats[" + code + "]";
        }
    }

    /**
     * @param url as it is in the torrent; it may be a secret
     * @param code {@code ok}, {@code waiting} while it was not needed, else a named failure such as {@code timeout}, {@code http-503}, {@code
     *     no-range}, {@code lied}
     * @param downloaded payload bytes received from it
     * @param downRate payload bytes received from it per second
     */
    public record WebSeedStats(String url, String code, long downloaded, long downRate) {
        /** Leaves the URL out, because the result may end in logs. */
        @Override
        public String toString() {
            return "WebSeedStats[" + code + "]";
        }
    }

    /**
     * @param client the client's name, cleaned, at most 40 characters
     * @param seed whether it has every piece
     */
    public record PeerStats(
            InetSocketAddress address,
            String client,
            boolean seed,
            boolean incoming,
            long downloaded,
            long uploaded,
            long downRate,
            long upRate) {}
}
