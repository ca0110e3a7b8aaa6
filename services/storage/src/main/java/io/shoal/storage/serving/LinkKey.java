package io.shoal.storage.serving;

import io.quarkus.runtime.Startup;
import io.shoal.contracts.links.LinkToken;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Base64;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The key by which intake signs links: what it has not signed is nobody's right. */
@Startup // a wrong key is found before the first link
@ApplicationScoped
class LinkKey {
    /** Fewer bytes could be guessed. */
    private static final int SHORTEST = 16;

    private final byte[] key;

    LinkKey(@ConfigProperty(name = "shoal.link.key") String base64) {
        key = decode(base64);
    }

    private static byte[] decode(String base64) {
        try {
            byte[] key = Base64.getDecoder().decode(base64);
            if (key.length >= SHORTEST) {
                return key;
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("shoal.link.key is no base64", e);
        }
        throw new IllegalArgumentException("shoal.link.key has fewer than " + SHORTEST + " bytes");
    }

    /** The right that {@code text} gives at {@code now}. */
    LinkToken check(String text, Instant now) throws RefusedException {
        LinkToken token =
                LinkToken.verify(text, key).orElseThrow(() -> new RefusedException(RefusedException.Reason.BAD_LINK));
        if (token.isExpired(now)) {
            throw new RefusedException(RefusedException.Reason.LINK_EXPIRED);
        }
        return token;
    }
}
