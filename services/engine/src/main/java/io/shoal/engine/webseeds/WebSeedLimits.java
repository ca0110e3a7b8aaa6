package io.shoal.engine.webseeds;

import java.time.Duration;

/** Every bound on web seeds, named once, with its reason. */
public final class WebSeedLimits {
    /** Web seeds of one torrent that are in use at once: what other clients use. Each is asked for one range at a time. */
    public static final int PER_TORRENT = 3;

    /** Web seeds on one host that all torrents of an engine use at once: web servers ban clients with many connections. */
    public static final int PER_HOST = 10;

    /** The first run of a web seed whose speed is not known. */
    static final int RUN_BYTES_FIRST = 1 << 20;

    /** The shortest run: a server that is so slow answers in its time. */
    static final int RUN_BYTES_MIN = 128 << 10;

    /** The longest run: a request of this length costs little beside its bytes, and holds this much of the picker. */
    static final int RUN_BYTES_MAX = 8 << 20;

    /** A run has what the web seed sends in this time, so that a slow one does not hold up blocks that peers have. */
    static final int RUN_SECONDS = 10;

    /** A server that sends nothing for so long, while it is read, has failed. */
    static final Duration SILENCE = Duration.ofSeconds(20);

    /** One request, paused for rate limits and a slow store: the silence above bounds it before. */
    static final Duration REQUEST = Duration.ofHours(12);

    /** The first pause after a failure; each further failure doubles it. */
    static final Duration PAUSE = Duration.ofSeconds(30);

    /** The first pause after an answer that will hardly be another one soon: the file is missing, or access is refused. */
    static final Duration PAUSE_REFUSED = Duration.ofMinutes(10);

    /** The longest pause, whatever the server asks for: its file may be back, and one request an hour harms no server. */
    static final Duration PAUSE_MAX = Duration.ofHours(1);

    /** A web seed whose speed is not known is tried while the peers together send less than this many bytes a second. */
    public static final long SWARM_RATE_ENOUGH = 1 << 20;

    private WebSeedLimits() {}
}
