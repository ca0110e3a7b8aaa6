package io.shoal.engine.choking;

/**
 * Shares the unchoke slots of one engine among its torrents, so that many torrents do not upload to more peers than the
 * line, the memory and the cache can serve well.
 *
 * <p>Shares are max-min fair: a torrent that wants fewer slots than the others gets all of them, and those that want
 * more get equally many. None gets fewer than {@link #FLOOR}, even if the bound is exceeded by that. A torrent learns of
 * its smaller share when it asks the next time, which it does in each round of its {@link Choker}.
 *
 * <p>Any thread.
 */
public final class UploadSlots {
    /** One slot for a peer that reciprocates, and an optimistic one. */
    static final int FLOOR = 2;

    private final int total;

    /** How many torrents want each number of slots. Guarded by this. */
    private final int[] torrentsWanting = new int[Choker.SLOTS_MAX + 1];

    /** @param total slots of all torrents */
    public UploadSlots(int total) {
        this.total = total;
    }

    /** Returns the share of one more torrent. */
    public Share share() {
        return new Share();
    }

    /** Returns the most slots that one torrent may have now. */
    private int level() {
        int torrents = 0;
        for (int count : torrentsWanting) {
            torrents += count;
        }
        int used = 0;
        int level = 0;
        while (level < Choker.SLOTS_MAX) {
            torrents -= torrentsWanting[level]; // those that want more
            if (used + torrents > total) {
                break;
            }
            used += torrents;
            level++;
        }
        return Math.max(FLOOR, level);
    }

    /** The slots of one torrent. Confined to its loop. */
    public final class Share {
        private int wanted;

        private Share() {}

        /**
         * Wants {@code count} slots from now on, instead of what was wanted before.
         *
         * @return how many the torrent may use until it asks again
         */
        public int request(int count) {
            int now = Math.min(count, Choker.SLOTS_MAX);
            synchronized (UploadSlots.this) {
                torrentsWanting[wanted] -= wanted > 0 ? 1 : 0;
                torrentsWanting[now] += now > 0 ? 1 : 0;
                wanted = now;
                return Math.min(now, level());
            }
        }

        /** Returns how many are wanted. */
        public int wanted() {
            return wanted;
        }
    }
}
