package io.shoal.tracker.swarms;

/**
 * A swarm in numbers (BEP 48, 21).
 *
 * @param complete seeds
 * @param downloaded how many leeches became seeds while the swarm lived
 * @param incomplete peers that lack something, partial seeds included
 * @param downloaders those of them that still want something
 */
public record Scrape(int complete, int downloaded, int incomplete, int downloaders) {
    /** The counts of a torrent without announces. */
    public static final Scrape NOTHING = new Scrape(0, 0, 0, 0);

    Scrape plus(Scrape other) {
        return new Scrape(
                complete + other.complete,
                (int) Math.min((long) downloaded + other.downloaded, Integer.MAX_VALUE),
                incomplete + other.incomplete,
                downloaders + other.downloaders);
    }
}
