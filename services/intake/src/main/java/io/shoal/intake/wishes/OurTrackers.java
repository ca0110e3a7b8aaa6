package io.shoal.intake.wishes;

import io.shoal.intake.torrents.Sources;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Which announce URLs are those of our own tracker. Host, port and path count; over UDP the path means nothing (BEP 15), so
 * it is left out there.
 */
@ApplicationScoped
public class OurTrackers {
    private final Set<Place> places;

    OurTrackers(@ConfigProperty(name = "shoal.tracker.urls") Optional<List<String>> urls) {
        places = urls.orElse(List.of()).stream().map(Place::of).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether one of these is ours. */
    boolean serve(Sources sources) {
        return sources.trackers().stream().flatMap(List::stream).map(Place::of).anyMatch(places::contains);
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
                    udp ? "" : uri.getPath());
        }
    }
}
