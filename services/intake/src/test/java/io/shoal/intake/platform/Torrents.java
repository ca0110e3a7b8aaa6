package io.shoal.intake.platform;

import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/** Torrents that are new each time. */
public final class Torrents {
    public static final String OUR_TRACKER = "http://tracker.example:6969/announce";

    private Torrents() {}

    /** One small file, tracked by us. */
    public static Metainfo small() {
        String name = UUID.randomUUID() + ".txt";
        return build(MetainfoBuilder.ofBytes(name, name.getBytes(StandardCharsets.UTF_8))
                .trackers(List.of(OUR_TRACKER)));
    }

    /** Two packed files, one of 17 MiB of zeros, an empty one, and one with a nasty name: three segments and a pack. */
    public static Metainfo several() {
        return build(MetainfoBuilder.named("folder-" + UUID.randomUUID())
                .add(List.of("a.txt"), new byte[1_000])
                .add(List.of("b.txt"), new byte[2_000])
                .add(List.of("large.bin"), new byte[17 << 20])
                .add(List.of("empty"), new byte[0])
                .add(List.of("nästy \u202e name?.txt"), new byte[500])
                .trackers(List.of("http://elsewhere.example/announce?passkey=secret")));
    }

    /** Builds what cannot fail: all of it is in memory. */
    public static Metainfo build(MetainfoBuilder builder) {
        try {
            return builder.build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A magnet link for {@code metainfo} with its trackers. */
    public static String magnet(Metainfo metainfo) {
        StringBuilder uri = new StringBuilder(
                "magnet:?xt=urn:btih:" + metainfo.info().hash().hex());
        metainfo.trackers().stream()
                .flatMap(List::stream)
                .forEach(tracker ->
                        uri.append("&tr=").append(java.net.URLEncoder.encode(tracker, StandardCharsets.UTF_8)));
        return uri.toString();
    }
}
