package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.bencode.BencodeException;
import io.shoal.bittorrent.bencode.BencodeScanner;
import io.shoal.bittorrent.bencode.BencodeScanner.Slice;
import io.shoal.bittorrent.bencode.PagedBytes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Reads the trackers and web seeds of a scanned .torrent. Whatever cannot be used is left out; reading ends as soon as the
 * limits are reached, so a list of millions of URLs costs no memory.
 */
final class SourceReader {
    /** Bytes beyond which a string is no URL, white space around it included; no long text is made of it. */
    private static final int URL_TEXT_BYTES = 8 * Limits.URL_BYTES;

    private final PagedBytes torrent;

    // Each scans every value at most once, so neither meets a limit that the scan of the whole did not meet.
    private final BencodeScanner tiers;
    private final BencodeScanner urls;

    SourceReader(PagedBytes torrent) {
        this.torrent = torrent;
        this.tiers = new BencodeScanner(torrent);
        this.urls = new BencodeScanner(torrent);
    }

    /** Returns the trackers of an {@code announce-list} in their tiers; if it has none, the one of {@code announce}. */
    List<List<String>> trackers(int announceList, int announce) throws BencodeException {
        List<List<String>> found = new ArrayList<>();
        int room = Limits.TRACKERS;
        if (tiers.isList(announceList)) {
            for (int at = announceList + 1; room > 0 && !tiers.isListEnd(at); at = tiers.skip(at)) {
                List<String> tier = tiers.isList(at) ? listed(at, SourceUrl::isTracker, room) : List.of();
                room -= tier.size();
                if (!tier.isEmpty()) {
                    found.add(tier);
                }
            }
        }
        if (found.isEmpty()) {
            Set<String> only = new LinkedHashSet<>();
            add(announce, SourceUrl::isTracker, only);
            return only.isEmpty() ? List.of() : List.of(List.copyOf(only));
        }
        return found;
    }

    /** Returns the web seeds of a {@code url-list}, which is one URL or a list of them. */
    List<String> webSeeds(int urlList) throws BencodeException {
        if (urls.isList(urlList)) {
            return listed(urlList, SourceUrl::isWebSeed, Limits.WEB_SEEDS);
        }
        Set<String> only = new LinkedHashSet<>();
        add(urlList, SourceUrl::isWebSeed, only);
        return List.copyOf(only);
    }

    private List<String> listed(int list, Predicate<String> usable, int room) throws BencodeException {
        Set<String> found = new LinkedHashSet<>();
        for (int at = list + 1; found.size() < room && !urls.isListEnd(at); at = urls.skip(at)) {
            add(at, usable, found);
        }
        return List.copyOf(found);
    }

    private void add(int position, Predicate<String> usable, Set<String> found) {
        Slice slice = urls.string(position);
        if (slice != null && slice.length() <= URL_TEXT_BYTES) {
            String url = torrent.text(slice.from(), slice.length()).strip();
            if (usable.test(url)) {
                found.add(url);
            }
        }
    }
}
