package io.shoal.storage.serving;

import io.shoal.bittorrent.paths.ContentDisposition;
import java.util.Locale;
import java.util.Map;

/**
 * The headers that decide how a browser presents a file. Content is untrusted, so it is downloaded; only media types that cannot
 * carry a script are shown, never a page or a vector graphic.
 *
 * @param mediaType the value of Content-Type
 * @param disposition the value of Content-Disposition
 */
record ContentHeaders(String mediaType, String disposition) {
    /** A type that no browser shows or runs. */
    private static final String OCTET_STREAM = "application/octet-stream";

    /** By the end of the name; what is not here is saved. */
    private static final Map<String, String> SHOWN = Map.ofEntries(
            Map.entry("mp4", "video/mp4"),
            Map.entry("m4v", "video/mp4"),
            Map.entry("webm", "video/webm"),
            Map.entry("mkv", "video/x-matroska"),
            Map.entry("mp3", "audio/mpeg"),
            Map.entry("m4a", "audio/mp4"),
            Map.entry("ogg", "audio/ogg"),
            Map.entry("opus", "audio/ogg"),
            Map.entry("flac", "audio/flac"),
            Map.entry("wav", "audio/wav"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("jpeg", "image/jpeg"),
            Map.entry("png", "image/png"),
            Map.entry("gif", "image/gif"),
            Map.entry("webp", "image/webp"));

    /** For answers of this service, which have the headers that restrict a browser. */
    static ContentHeaders inline(String name) {
        int dot = name.lastIndexOf('.');
        String shown = SHOWN.get(name.substring(dot + 1).toLowerCase(Locale.ROOT));
        return dot < 0 || shown == null ? attachment(name) : new ContentHeaders(shown, ContentDisposition.inline(name));
    }

    /** For answers of the store itself, which do not have those headers: always saved. */
    static ContentHeaders attachment(String name) {
        return new ContentHeaders(OCTET_STREAM, ContentDisposition.attachment(name));
    }
}
