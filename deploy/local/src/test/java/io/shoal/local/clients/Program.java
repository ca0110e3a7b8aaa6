package io.shoal.local.clients;

import io.shoal.local.hosts.Hosts;
import io.shoal.local.peers.Aria2Peer;
import io.shoal.local.peers.OutsidePeer;
import io.shoal.local.peers.TransmissionPeer;
import java.nio.file.Files;
import java.nio.file.Path;

/** The clients that many people use, each started at an address that no other has had. */
public enum Program {
    ARIA2((hosts, torrent, content, own) ->
            Aria2Peer.start(torrent, content, hosts.addAddress(), 0, own.resolve("log"))),
    ARIA2_WITH_UDP((hosts, torrent, content, own) ->
            Aria2Peer.startWithUdp(torrent, content, hosts.addAddress(), 0, own.resolve("log"))),
    ARIA2_V6((hosts, torrent, content, own) ->
            Aria2Peer.start(torrent, content, hosts.addAddress6(), 0, own.resolve("log"))),
    LIBTORRENT(
            (hosts, torrent, content, own) -> LibtorrentPeer.start(torrent.toString(), content, hosts.addAddress(), 0)),
    LIBTORRENT_V6((hosts, torrent, content, own) ->
            LibtorrentPeer.start(torrent.toString(), content, hosts.addAddress6(), 0)),
    TRANSMISSION((hosts, torrent, content, own) ->
            TransmissionPeer.start(hosts.add(), Files.readAllBytes(torrent), content, own)),
    QBITTORRENT((hosts, torrent, content, own) -> QbittorrentPeer.start(hosts.add(), torrent, content, own)),
    RTORRENT((hosts, torrent, content, own) -> RtorrentPeer.start(hosts.add(), torrent, content, own));

    private interface Start {
        OutsidePeer start(Hosts hosts, Path torrent, Path content, Path own) throws Exception;
    }

    @SuppressWarnings("ImmutableEnumChecker") // none of them keeps anything
    private final Start start;

    Program(Start start) {
        this.start = start;
    }

    /**
     * Starts one.
     *
     * @param torrent a .torrent file
     * @param content a folder where its content lies or shall lie
     * @param own a folder for the client itself; its path must be short, because a socket may lie in it
     */
    public OutsidePeer start(Hosts hosts, Path torrent, Path content, Path own) throws Exception {
        return start.start(hosts, torrent, content, own);
    }
}
