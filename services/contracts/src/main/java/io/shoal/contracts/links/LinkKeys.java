package io.shoal.contracts.links;

import java.util.Optional;

/** Mints and opens the tokens of links, with {@link SealingKeys}. */
public final class LinkKeys {
    private final SealingKeys keys;

    public LinkKeys(SealingKeys keys) {
        this.keys = keys;
    }

    /** Reads keys as {@link SealingKeys#parse} does. */
    public static LinkKeys parse(String text) {
        return new LinkKeys(SealingKeys.parse(text));
    }

    /** Returns the text of {@code token} as it stands in a URL. */
    public String mint(LinkToken token) {
        return keys.seal(SealingKeys.LINK, token.write());
    }

    /** Returns the token in {@code text}, if one of these keys encrypted it. Whether it has expired is for the caller to check. */
    public Optional<LinkToken> open(String text) {
        return keys.open(SealingKeys.LINK, text).map(LinkToken::read);
    }
}
