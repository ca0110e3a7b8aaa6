package io.shoal.storage.serving;

import io.quarkus.runtime.Startup;
import io.shoal.contracts.links.LinkKeys;
import io.shoal.contracts.links.LinkToken;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Decides whether a link's token is valid: minted with one of our keys and not expired. */
@Startup // wrong keys are reported before the first link is followed
@ApplicationScoped
class LinkVerifier {
    private final LinkKeys keys;

    LinkVerifier(@ConfigProperty(name = "shoal.link-keys") String keys) {
        try {
            this.keys = LinkKeys.parse(keys);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("shoal.link-keys: " + e.getMessage(), e);
        }
    }

    /** Returns the token in {@code text} if it is valid at {@code now}. */
    LinkToken verify(String text, Instant now) throws RefusedException {
        LinkToken token = keys.open(text).orElseThrow(() -> new RefusedException(RefusedException.Reason.BAD_LINK));
        if (token.isExpired(now)) {
            throw new RefusedException(RefusedException.Reason.LINK_EXPIRED);
        }
        return token;
    }
}
