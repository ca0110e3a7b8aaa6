package io.shoal.intake.links;

import io.shoal.bittorrent.FileIndex;
import io.shoal.contracts.links.LinkToken;
import io.shoal.contracts.objects.ObjectKeys;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.UUID;

/** Mints links to files. Storage, which knows no tenants, checks the token and nothing else. */
@ApplicationScoped
public class Links {
    private static final int KEY_BYTES = 16;

    private final byte[] key;
    private final String base;
    private final Duration lifetime;

    Links(LinkSettings settings) {
        key = Base64.getDecoder().decode(settings.key());
        if (key.length < KEY_BYTES) {
            throw new IllegalArgumentException("shoal.link.key has fewer than " + KEY_BYTES + " bytes");
        }
        base = settings.base().toString().replaceFirst("/+$", "");
        lifetime = settings.lifetime();
    }

    /**
     * The right to read one file.
     *
     * @param expiresAt to the second
     */
    public record Link(URI url, Instant expiresAt) {}

    /** A link, for {@code tenant}, to {@code file} of the life that {@code keys} names, saved as {@code name}. */
    public Link mint(UUID tenant, ObjectKeys keys, FileIndex file, String name) {
        Instant expires = Instant.now().plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
        String token = new LinkToken(tenant, keys.torrent(), keys.generation(), file, name, expires).sign(key);
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
        return new Link(URI.create(base + "/content/" + token + "/" + encoded), expires);
    }
}
