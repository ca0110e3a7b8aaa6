package io.shoal.intake.links;

import io.quarkus.runtime.Startup;
import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.links.LinkKeys;
import io.shoal.contracts.links.LinkToken;
import io.shoal.contracts.objects.ObjectKeys;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Mints links to files. Storage decrypts their tokens with the same keys, without asking intake. */
@Startup // wrong keys or lifetimes are reported before the first link is asked for
@ApplicationScoped
public class Links {
    private final LinkKeys keys;
    private final String base;
    private final Duration lifetime;

    Links(
            @ConfigProperty(name = "shoal.link-keys") String keys,
            @ConfigProperty(name = "shoal.link.base") URI base,
            @ConfigProperty(name = "shoal.link.lifetime") Duration lifetime) {
        try {
            this.keys = LinkKeys.parse(keys);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("shoal.link-keys: " + e.getMessage(), e);
        }
        if (!lifetime.isPositive() || lifetime.compareTo(LinkToken.MAX_LIFETIME) > 0) {
            throw new IllegalArgumentException(
                    "shoal.link.lifetime must be positive and at most " + LinkToken.MAX_LIFETIME);
        }
        this.base = base.toString().replaceFirst("/+$", "");
        this.lifetime = lifetime;
    }

    /**
     * The right to read one file.
     *
     * @param expiresAt to the second
     */
    public record Link(URI url, Instant expiresAt) {}

    /** Mints a link for {@code tenant} to {@code file} of the generation in {@code content}, to be saved as {@code name}. */
    public Link mint(UUID tenant, ObjectKeys content, FileIndex file, String name) {
        Instant issued = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant expires = issued.plus(lifetime);
        String token = keys.mint(
                new LinkToken(tenant, content.torrent(), content.generation(), file, name, issued, expires, Set.of()));
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
        return new Link(URI.create(base + "/content/" + token + "/" + encoded), expires);
    }
}
