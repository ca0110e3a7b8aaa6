package io.shoal.bittorrent.announce;

import io.shoal.bittorrent.bencode.BValue;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BInteger;
import io.shoal.bittorrent.bencode.BValue.BList;
import io.shoal.bittorrent.bencode.BValue.BString;
import io.shoal.bittorrent.bencode.BencodeDecoder;
import io.shoal.bittorrent.bencode.BencodeException;
import io.shoal.bittorrent.metainfo.SourceUrl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The announce over HTTP (BEP 3, with 7, 23, 24 and 31): the URL to get, and the body of the response. */
public final class HttpAnnounce {
    private HttpAnnounce() {}

    /** The URL to get: that of the tracker, whose own query is kept, with ours after it. */
    public static SourceUrl url(SourceUrl tracker, AnnounceRequest request) {
        StringBuilder url = new StringBuilder(tracker.target());
        int query = url.indexOf("?");
        url.append(query < 0 ? "?" : query == url.length() - 1 ? "" : "&").append("info_hash=");
        escape(url, request.infoHash().bytes());
        url.append("&peer_id=");
        escape(url, request.peerId().bytes());
        url.append("&port=").append(request.port());
        url.append("&uploaded=").append(request.uploaded());
        url.append("&downloaded=").append(request.downloaded());
        url.append("&left=").append(request.left());
        url.append("&compact=1&no_peer_id=1&numwant=").append(request.wanted());
        url.append("&key=").append(HexFormat.of().toHexDigits(request.key()));
        if (!request.event().http().isEmpty()) {
            url.append("&event=").append(request.event().http());
        }
        if (request.address() != null) {
            url.append("&ip=");
            escape(url, request.address().getBytes(StandardCharsets.UTF_8));
        }
        if (request.trackerId() != null) {
            url.append("&trackerid=");
            escape(url, request.trackerId().getBytes(StandardCharsets.ISO_8859_1));
        }
        return tracker.withTarget(url.toString());
    }

    /** Parses the body of a response of any accepted length. */
    public static AnnounceReply parse(byte[] body) throws AnnounceException {
        BDictionary reply;
        try {
            reply = BencodeDecoder.decodeLeadingDictionary(body);
        } catch (BencodeException e) {
            throw AnnounceException.malformed("must begin with a bencoded dictionary");
        }
        BString failure = reply.string("failure reason");
        if (failure != null) {
            int interval = Math.max(interval(reply.integer("interval")), interval(reply.integer("min interval")));
            throw AnnounceException.refused(failure.text(), Math.max(interval, retrySeconds(reply.get("retry in"))));
        }
        List<InetSocketAddress> peers = new ArrayList<>();
        switch (reply.get("peers")) {
            case BString compact -> addCompact(compact, CompactPeers.V4, peers);
            case BList list -> addDictionaries(list, peers);
            case null, default -> {} // such as an empty dictionary, PHP's empty array
        }
        addCompact(reply.string("peers6"), CompactPeers.V6, peers);
        return new AnnounceReply(
                interval(reply.integer("interval")),
                interval(reply.integer("min interval")),
                count(reply.integer("complete")),
                count(reply.integer("incomplete")),
                peers,
                external(reply.string("external ip")),
                trackerId(reply.string("tracker id")));
    }

    private static void addCompact(@Nullable BString compact, int width, List<InetSocketAddress> peers) {
        if (compact != null) {
            ByteBuffer bytes = ByteBuffer.wrap(compact.input(), compact.offset(), compact.length());
            peers.addAll(CompactPeers.decode(bytes, width, AnnounceReply.PEERS_MAX - peers.size()));
        }
    }

    private static void addDictionaries(BList list, List<InetSocketAddress> peers) {
        for (BValue each : list.values()) {
            if (peers.size() == AnnounceReply.PEERS_MAX) {
                return;
            }
            if (each instanceof BDictionary peer) {
                BString ip = peer.string("ip");
                BInteger port = peer.integer("port");
                InetAddress address = ip == null ? null : literal(ip.text());
                if (address != null && port != null && port.value() > 0 && port.value() <= 0xffff) {
                    peers.add(new InetSocketAddress(address, (int) port.value()));
                }
            }
        }
    }

    /** Returns the address in a literal; null for a name, which must not be resolved for a tracker. */
    private static @Nullable InetAddress literal(String text) {
        try {
            return text.length() > 45 ? null : InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static int interval(@Nullable BInteger seconds) {
        return seconds == null ? 0 : Math.clamp(seconds.value(), 0, AnnounceReply.INTERVAL_MAX);
    }

    private static int count(@Nullable BInteger peers) {
        return peers == null || peers.value() < 0 ? -1 : (int) Math.min(peers.value(), Integer.MAX_VALUE);
    }

    private static @Nullable InetAddress external(@Nullable BString ip) {
        return ip != null && (ip.length() == 4 || ip.length() == 16) ? CompactPeers.address(ip.bytes()) : null;
    }

    private static @Nullable String trackerId(@Nullable BString id) {
        return id == null || id.length() > AnnounceReply.TRACKER_ID_MAX
                ? null
                : new String(id.bytes(), StandardCharsets.ISO_8859_1);
    }

    /** BEP 31: minutes, as a number or in digits, or {@code never}. */
    private static int retrySeconds(@Nullable BValue retry) {
        long minutes = switch (retry) {
            case BInteger number -> number.value();
            case BString text when Objects.equals(text.text(), "never") -> Long.MAX_VALUE;
            case BString text when text.text().matches("\\d{1,6}") -> Long.parseLong(text.text());
            case null, default -> 0;
        };
        if (minutes > AnnounceException.NEVER / 60) {
            return AnnounceException.NEVER;
        }
        return (int) Math.max(0, minutes) * 60;
    }

    private static void escape(StringBuilder url, byte[] bytes) {
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            if (c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || "-._~".indexOf(c) >= 0) {
                url.append(c);
            } else {
                url.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
    }
}
