package io.shoal.storage.serving;

import io.quarkus.runtime.Startup;
import io.shoal.contracts.links.LinkKeys;
import io.shoal.contracts.links.LinkToken;
import io.shoal.storage.tenants.VoidedLinks;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Decides whether a link's token is valid: minted with one of our keys, not expired, and not void. */
@Startup // wrong keys are reported before the first link is followed
@ApplicationScoped
class LinkVerifier {
    private final LinkKeys keys;
    private final VoidedLinks voided;

    LinkVerifier(@ConfigProperty(name = "shoal.link-keys") String keys, VoidedLinks voided) {
        this.voided = voided;
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
        if (voided.isVoid(token)) {
            throw new RefusedException(RefusedException.Reason.LINK_REVOKED);
        }
        return token;
    }
}
