package io.shoal.contracts.records;

import io.shoal.bittorrent.Limits;
import io.shoal.contracts.Generation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code shoal.status}: what the owner of a slice reports. Read by intake for progress, by storage for what is stored, and by the
 * slice's next owner.
 *
 * @param v version of this record: 1
 * @param gen the generation that it speaks of; for a magnet 1
 * @param rev the revision of {@link SliceRecord} that is in force
 * @param epoch one more than its predecessor's: a lower one comes from a worker that has lost the slice and is ignored
 * @param worker the owner's name
 * @param state what the owner does
 * @param reason why it makes no progress; null while it does
 * @param stored segments that the store has acknowledged; grows only, within a generation and a {@code check}
 * @param check the counter of {@link SliceRecord} that {@code stored} answers to: an older one until the store has been listed
 * @param totals counted over all owners
 * @param trackers of the slice's trackers and web seeds, each named by its {@link Tracker#id} or {@link Tracker#webSeedId}: their order means
 *     nothing
 * @param infoKey for a magnet, once its metadata is there: the object that holds it
 */
public record StatusRecord(
        int v,
        Generation gen,
        long rev,
        long epoch,
        String worker,
        State state,
        @Nullable Reason reason,
        Bits stored,
        int check,
        Totals totals,
        List<Tracker> trackers,
        @Nullable String infoKey) {

    /** What the owner does with the slice. */
    public enum State {
        /** Reads the store's listing and the metadata. */
        STARTING,
        /** A magnet: looks for the metadata. */
        RESOLVING,
        /** A magnet: the metadata is at {@code infoKey}. */
        RESOLVED,
        /** Something wanted is not stored yet. */
        DOWNLOADING,
        /** All that is wanted is stored, and it is offered to the swarm. */
        SEEDING,
        /** Left the swarm because intake wants it to. */
        STOPPED,
        /** A fault of the worker has ended it again after a restart. It starts anew with its next owner. */
        FAILED
    }

    /** Why a slice makes no progress. No worker sends {@link #LIMITS}. */
    public enum Reason {
        NO_METADATA,
        NO_PEERS,
        MISSING_PIECES,
        TRACKERS_FAILING,
        STORAGE_WAIT,
        /** The worker's slots are full of other torrents' segments. */
        QUEUED,
        LIMITS,
        DAMAGED,
        /** A fault of the worker, which its log names. */
        INTERNAL
    }

    /**
     * Payload bytes and time since the torrent's generation began.
     *
     * @param down received, the wasted included
     * @param up sent
     * @param wasted received without use: hash failures and duplicates
     * @param seedingSeconds spent in {@link State#SEEDING}
     * @param left bytes of the wanted segments that are not verified; null while the owner does not know it
     */
    public record Totals(
            long down,
            long up,
            long wasted,
            long seedingSeconds,
            @Nullable Long left) {
        public static final Totals ZERO = new Totals(0, 0, 0, 0, null);
    }

    /**
     * The last answer of a tracker, or of a web seed, which has no times and no figures. Its URL stays in the slice's record: it may carry a
     * passkey.
     *
     * @param id names the tracker, whatever others the slice's record has by now
     * @param started whether it has heard {@code started} from us in this session
     * @param nextAnnounce when it is asked next, in milliseconds since 1970
     * @param code {@code ok}, {@code waiting} before the first answer, or a named failure
     * @param earliestAnnounce when it may be asked if peers are wanted sooner, in milliseconds since 1970; null in records
     *     written before this field existed
     * @param figures what the owner has seen of it; null if it has seen nothing
     */
    public record Tracker(
            String id,
            boolean started,
            long nextAnnounce,
            String code,
            @Nullable Long earliestAnnounce,
            @Nullable Figures figures) {
        private static final int ID_BYTES = 12;

        /**
         * Figures for people. They are written with a status, and are no reason to write one.
         *
         * @param isPlanned whether the next announce is planned: not while trackers that come before it suffice
         * @param lastAnnounce when it was last announced to, in milliseconds since 1970; null if it was not
         * @param seeds as its last answer counts them; null if that does not say
         * @param leeches as its last answer counts them; null if that does not say
         * @param peers how many its last answer named; null before the first
         */
        public record Figures(
                boolean isPlanned,
                @Nullable Long lastAnnounce,
                @Nullable Integer seeds,
                @Nullable Integer leeches,
                @Nullable Integer peers) {}

        public Tracker {
            Require.present(id, "id");
        }

        /** Returns the same without figures. */
        public Tracker withoutFigures() {
            return new Tracker(id, started, nextAnnounce, code, earliestAnnounce, null);
        }

        /** Returns the state of a web seed. */
        public static Tracker ofWebSeed(String url, String code) {
            return new Tracker(webSeedId(url), false, 0, code, null, null);
        }

        /** Returns the id of the web seed with this URL: another one than a tracker with the same URL has. */
        public static String webSeedId(String url) {
            return id("web " + url);
        }

        /** Returns the id of the tracker with this announce URL: the beginning of the URL's SHA-256. */
        public static String id(String url) {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(url.getBytes(StandardCharsets.UTF_8));
                return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(digest, ID_BYTES));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("this JDK has no SHA-256", e);
            }
        }
    }

    public StatusRecord {
        Require.present(gen, "gen");
        Require.present(worker, "worker");
        Require.present(state, "state");
        stored = stored == null ? Bits.NONE : stored;
        totals = totals == null ? Totals.ZERO : totals;
        trackers = Require.listOf(trackers, "trackers", Limits.TRACKERS + Limits.WEB_SEEDS);
    }
}
