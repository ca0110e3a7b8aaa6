package io.shoal.engine.picking;

/**
 * What a torrent and its siblings, the other torrents of this engine with its info-hash, tell one another of the pieces that they
 * get from outside: each should come in once and be passed on.
 */
public interface Claims {
    /** Those of a torrent without siblings. */
    Claims NONE = new Claims() {
        @Override
        public boolean isClaimed(int piece) {
            return false;
        }

        @Override
        public void claim(int piece, boolean fast) {
            // there is no sibling
        }

        @Override
        public void renew(int piece) {
            // there is no sibling
        }

        @Override
        public void release(int piece) {
            // there is no sibling
        }
    };

    /** Whether a sibling is getting {@code piece}, or has got it lately, so that it can be had from there soon. */
    boolean isClaimed(int piece);

    /**
     * This torrent gets {@code piece} from outside.
     *
     * @param fast whether from a peer that gives it within some seconds, as far as is known
     */
    void claim(int piece, boolean fast);

    /** This torrent has {@code piece} now; if it has claimed it, siblings have as long again to get it from there. */
    void renew(int piece);

    /** This torrent does not get {@code piece} after all. */
    void release(int piece);
}
