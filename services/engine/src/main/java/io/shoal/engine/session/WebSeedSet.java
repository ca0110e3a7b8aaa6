package io.shoal.engine.session;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.engine.TorrentStats.WebSeedStats;
import io.shoal.engine.webseeds.WebSeed;
import io.shoal.engine.webseeds.WebSeedLimits;
import io.shoal.engine.webseeds.WebServers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The web seeds of a torrent, and which of them are used: those of its own list, a few at once, for what the swarm does not give faster. A web seed is
 * needed while a piece is missing at all peers, or while the peers together send less than this web seed did when it was asked last.
 *
 * <p>Invariant: a web seed is in use iff it has a place at its host and has joined the picker.
 */
final class WebSeedSet implements ConnectedWebSeed.Events {
    /** One copy of each piece, as {@link Download#availability} counts. */
    private static final int COPY = 1000;

    private final WebServers servers;
    private final Info info;
    private final WebSeed.Context context;
    private final Download download;
    private final TorrentActivity activity;
    private final PeerSet peers;

    /** Replaced on every change. */
    private List<ConnectedWebSeed> all = List.of();

    WebSeedSet(
            WebServers servers,
            Info info,
            WebSeed.Context context,
            Download download,
            TorrentActivity activity,
            PeerSet peers) {
        this.servers = servers;
        this.info = info;
        this.context = context;
        this.download = download;
        this.activity = activity;
        this.peers = peers;
    }

    /** Replaces the web seeds. One that stays keeps its state. */
    void setUrls(List<String> urls) {
        Map<String, ConnectedWebSeed> before =
                all.stream().collect(Collectors.toMap(each -> each.url, Function.identity()));
        List<ConnectedWebSeed> now = new ArrayList<>();
        for (String url : urls.stream().distinct().toList()) {
            ConnectedWebSeed known = before.remove(url);
            SourceUrl parsed = SourceUrl.parse(url);
            if (known != null) {
                now.add(known);
            } else if (parsed != null && parsed.scheme() != SourceUrl.Scheme.UDP) {
                now.add(new ConnectedWebSeed(url, parsed, info, context, this));
            }
        }
        before.values().forEach(this::release);
        all = List.copyOf(now);
    }

    /** Must be called about once a second while the torrent takes part in its swarm. */
    void tick() {
        all.forEach(webSeed -> webSeed.connection.tick());
        all.forEach(this::count);
        boolean isScarce = download.availability() < COPY * (inUse() + 1);
        long swarmRate = 0;
        for (ConnectedPeer peer : peers) {
            swarmRate += peer.rate();
        }
        for (ConnectedWebSeed webSeed : all) {
            webSeed.isWanted = activity.needsPieces() && (isScarce || swarmRate < worth(webSeed));
            if (!webSeed.connection.isInUse()) {
                useIfPossible(webSeed);
            } else if (webSeed.isWanted) {
                download.ready(webSeed);
            } else if (webSeed.connection.isIdle()) {
                release(webSeed);
            }
        }
    }

    /** Returns the rate of the swarm from which on {@code webSeed} is left alone. */
    private static long worth(ConnectedWebSeed webSeed) {
        long rate = webSeed.connection.rate();
        return rate == 0 ? WebSeedLimits.SWARM_RATE_ENOUGH : rate;
    }

    private int inUse() {
        int count = 0;
        for (ConnectedWebSeed webSeed : all) {
            count += webSeed.connection.isInUse() ? 1 : 0;
        }
        return count;
    }

    private void useIfPossible(ConnectedWebSeed webSeed) {
        WebSeed connection = webSeed.connection;
        if (webSeed.isWanted
                && connection.isUsable()
                && inUse() < WebSeedLimits.PER_TORRENT
                && servers.tryTake(connection.host())) {
            connection.use();
            download.joined(webSeed);
        }
    }

    private void release(ConnectedWebSeed webSeed) {
        if (webSeed.connection.isInUse()) {
            webSeed.connection.release();
            left(webSeed);
        }
    }

    private void count(ConnectedWebSeed webSeed) {
        long total = webSeed.connection.downloaded();
        servers.countReceived(total - webSeed.counted);
        webSeed.counted = total;
    }

    private void left(ConnectedWebSeed webSeed) {
        count(webSeed);
        servers.release(webSeed.connection.host());
        download.left(webSeed);
    }

    /** The torrent leaves the swarm. */
    void stop() {
        all.forEach(this::release);
    }

    /** The web seed with this URL has sent wrong data. */
    void banned(String url) {
        all.stream().filter(each -> each.url.equals(url)).forEach(each -> each.connection.ban());
    }

    List<WebSeedStats> stats() {
        return all.stream()
                .map(each -> new WebSeedStats(
                        each.url,
                        each.connection.code(),
                        each.connection.downloaded(),
                        each.connection.isInUse() ? each.connection.rate() : 0))
                .toList();
    }

    // ---- Events of web seeds

    @Override
    public void ready(BlockSource from) {
        download.ready(from);
    }

    @Override
    public void block(BlockSource from, int piece, int block, ByteBuf data) {
        download.block(from, piece, block, data);
    }

    @Override
    public void readComplete(BlockSource from) {
        download.readComplete(from);
    }

    @Override
    public void failed(ConnectedWebSeed webSeed) {
        servers.countFailed(webSeed.connection.isExcluded());
        left(webSeed);
    }
}
