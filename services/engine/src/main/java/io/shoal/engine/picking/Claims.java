package io.shoal.engine.picking;

import java.util.List;

/**
 * The pieces that a torrent and its siblings (the other torrents of this engine with its info-hash) are getting from
 * outsiders. Each should be downloaded once and then passed on.
 */
public interface Claims {
    /** The claims of a torrent without siblings. */
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

        @Override
        public void start(int segment) {
            // there is no sibling
        }

        @Override
        public List<Integer> started() {
            return List.of();
        }
    };

    /** Whether a sibling is getting {@code piece}, or has got it lately, so that it will soon be available there. */
    boolean isClaimed(int piece);

    /**
     * This torrent gets {@code piece} from an outsider.
     *
     * @param fast whether from a peer that delivers it within some seconds, as far as is known
     */
    void claim(int piece, boolean fast);

    /**
     * This torrent has {@code piece} now; if it has claimed it, the claim is extended, so that siblings have time to
     * get it from here.
     */
    void renew(int piece);

    /** This torrent does not get {@code piece} after all. */
    void release(int piece);

    /** This torrent has started {@code segment} with a piece of an outsider. */
    void start(int segment);

    /**
     * Returns the segments that this torrent and its siblings have started lately, the latest last. All of them request
     * the pieces of these from outsiders before others: so each segment is soon complete at all of them and stored, not
     * all segments at the end.
     */
    List<Integer> started();
}
