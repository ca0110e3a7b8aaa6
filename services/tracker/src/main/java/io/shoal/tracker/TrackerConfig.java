package io.shoal.tracker;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The operator's settings of a tracker, {@code shoal.tracker.*}. */
@ConfigMapping(prefix = "shoal.tracker")
public interface TrackerConfig {
    /** Addresses on which both protocols listen; {@code ::} is both families. */
    @WithDefault("0.0.0.0")
    List<String> bind();

    /** TCP port; 0 takes any. */
    @WithDefault("6969")
    int httpPort();

    /** UDP port; 0 takes any. */
    @WithDefault("6969")
    int udpPort();

    /** Threads of each protocol; 0 means one for each processor. */
    @WithDefault("0")
    int threads();

    /** After which a peer is asked to come back. */
    @WithDefault("30m")
    Duration interval();

    /** Before which a peer may not come back; half of the interval if absent. */
    Optional<Duration> minInterval();

    /**
     * Without an announce for so long a peer is gone. If absent one and a half intervals and 30 s: a peer that misses one
     * announce and tries again soon stays.
     */
    Optional<Duration> peerLifetime();

    /** Networks that may state other addresses by {@code ip=}, and have no limit: the fleet's own. */
    Optional<List<String>> trusted();

    /** Networks of HTTP proxies, whose X-Forwarded-For is believed; {@code ip=} is not, of what comes from there. */
    Optional<List<String>> httpProxies();

    /**
     * How long an announce waits for the registration of its torrent or passkey before it is refused; 0 refuses at once. Clients
     * time out after 10 s and more.
     */
    @WithDefault("3s")
    Duration registrationWait();

    /** Whether any torrent is served, registered or not. */
    @WithDefault("false")
    boolean open();

    /** Whether peers at private addresses are taken in. */
    @WithDefault("true")
    boolean privateSources();

    /** How many peers are remembered, in all swarms; 10 million take about 400 MB. */
    @WithDefault("10000000")
    int peers();

    /** How many peers of private torrents are remembered, in all swarms; 100,000 take about 60 MB. */
    @WithDefault("100000")
    int members();

    /** At how many locations a user may have a private torrent at once, unless the tenant has a rule of its own. */
    @WithDefault("3")
    int locations();

    /** Requests a second that one address may sustain; 0 for no limit. The trusted have none. */
    @WithDefault("20")
    int rate();

    /** Requests that one address may make at once: a client that starts asks for all its torrents. */
    @WithDefault("5000")
    int burst();

    /** Networks whose HTTP connections begin with a PROXY protocol header: load balancers that are told to send it. */
    Optional<List<String>> proxies();

    /** HTTP connections open at once. */
    @WithDefault("20000")
    int connections();

    /** Time for the whole head of an HTTP request. */
    @WithDefault("10s")
    Duration headTimeout();

    /** Time between two requests of an HTTP connection. */
    @WithDefault("60s")
    Duration idleTimeout();

    /**
     * Which of the replicas this is, 0 to 255, each its own: they share their swarms through Kafka. If absent it is the only
     * one, and what it knows ends with it.
     */
    OptionalInt replica();

    /**
     * Keys of UDP's connection ids, base64 of 16 bytes each, the same at every replica: the first issues, all verify. If absent
     * a random one, so that the ids end with the process.
     */
    Optional<List<String>> connectionKeys();
}
