package io.shoal.egress.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/** Where an answer redirects to. Sites write names of all scripts into it as they are, in UTF-8. */
final class Location {
    private static final String MAGNET = "magnet:";

    private Location() {}

    /** Returns the target of a redirect; null if the answer is none. */
    static @Nullable String of(int status, HttpHeaders headers) {
        String location = headers.get(HttpHeaderNames.LOCATION);
        if (status < 300 || status >= 400 || location == null) {
            return null;
        }
        try {
            // The codec makes a character of each byte.
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(location.getBytes(ISO_8859_1)))
                    .toString()
                    .strip();
        } catch (CharacterCodingException e) {
            return location.strip();
        }
    }

    static boolean isMagnet(String location) {
        return location.regionMatches(true, 0, MAGNET, 0, MAGNET.length());
    }
}
