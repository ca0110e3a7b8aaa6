package io.shoal.intake.wishes;

import io.shoal.intake.torrents.Sources;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.List;
import java.util.Locale;
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
        places = this.urls.stream().map(Place::of).collect(Collectors.toUnmodifiableSet());
    }

    /** Returns whether one of these URLs is ours. */
    boolean serve(Sources sources) {
        return sources.trackers().stream().flatMap(List::stream).map(Place::of).anyMatch(places::contains);
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
        static Place of(String url) {
            URI uri = URI.create(url);
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            boolean udp = scheme.equals("udp");
            int implied = scheme.equals("https") ? 443 : 80;
            return new Place(
                    udp,
                    uri.getHost().toLowerCase(Locale.ROOT),
                    uri.getPort() < 0 ? implied : uri.getPort(),
                    udp ? "" : PASSKEY.matcher(uri.getPath()).replaceFirst("$1"));
        }
    }
}
