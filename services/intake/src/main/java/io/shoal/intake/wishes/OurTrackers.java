package io.shoal.intake.wishes;

import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.intake.torrents.Sources;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Recognizes the announce URLs of this platform's trackers, by host, port and path without a passkey; over UDP the path has no meaning
 * (BEP 15) and is ignored.
 */
@ApplicationScoped
public class OurTrackers {
    private static final Pattern PASSKEY = Pattern.compile("/[0-9a-f]{32}(/[^/]*)$");

    private final List<String> urls;
    private final Set<Place> places;

    OurTrackers(@ConfigProperty(name = "shoal.tracker.urls") Optional<List<String>> urls) {
        this.urls = urls.orElse(List.of());
        places = this.urls.stream().map(OurTrackers::place).collect(Collectors.toUnmodifiableSet());
    }

    private static Place place(String url) {
        SourceUrl parsed = SourceUrl.parse(url);
        if (parsed == null) {
            throw new IllegalArgumentException("shoal.tracker.urls: this is no URL of a tracker: " + url);
        }
        return Place.of(parsed);
    }

    /** Returns whether one of these URLs is ours. */
    boolean serve(Sources sources) {
        return sources.trackers().stream()
                .flatMap(List::stream)
                .map(SourceUrl::parse)
                .anyMatch(url -> url != null && places.contains(Place.of(url)));
    }

    /** Returns our announce URLs with {@code passkey} before the last part of the path. */
    public List<String> announceUrls(String passkey) {
        return urls.stream().map(URI::create).map(url -> with(passkey, url)).toList();
    }

    private static String with(String passkey, URI url) {
        String path = url.getPath().isEmpty() ? "/announce" : url.getPath();
        int last = path.lastIndexOf('/');
        return url.getScheme() + "://" + url.getRawAuthority() + path.substring(0, last) + "/" + passkey
                + path.substring(last);
    }

    private record Place(boolean udp, String host, int port, String path) {
        static Place of(SourceUrl url) {
            boolean udp = url.scheme() == SourceUrl.Scheme.UDP;
            return new Place(udp, url.host(), url.port(), udp ? "" : path(url.target()));
        }

        private static String path(String target) {
            int query = target.indexOf('?');
            return PASSKEY.matcher(query < 0 ? target : target.substring(0, query))
                    .replaceFirst("$1");
        }
    }
}
