package io.shoal.bittorrent.announce;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * An announce to a tracker.
 *
 * @param key proves to the tracker that we are the same client when our address has changed
 * @param port TCP port that we listen on; 0 if none
 * @param uploaded payload bytes sent in this session
 * @param downloaded payload bytes received in this session
 * @param left bytes that we have not verified
 * @param wanted how many peers the tracker is asked for; 0 for none
 * @param address the value of {@code ip=}; null to let the tracker use the source address. Over UDP only IPv4 can be
 *     sent
 * @param trackerId the value from this tracker's last reply, see {@link AnnounceReply#trackerId}; null if nothing
 */
public record AnnounceRequest(
        InfoHash infoHash,
        PeerId peerId,
        int key,
        int port,
        long uploaded,
        long downloaded,
        long left,
        AnnounceEvent event,
        int wanted,
        @Nullable String address,
        @Nullable String trackerId) {

    public AnnounceRequest {
        if (port < 0 || port > 0xffff || uploaded < 0 || downloaded < 0 || left < 0 || wanted < 0) {
            throw new IllegalArgumentException("nothing to announce: port " + port + ", uploaded " + uploaded
                    + ", downloaded " + downloaded + ", left " + left + ", wanted " + wanted);
        }
    }

    /**
     * Returns the request as it is sent over IPv6, or over IPv4, to a tracker that is announced to over both: an address of
     * the other family is left out, because the tracker would register it instead of the source address.
     */
    public AnnounceRequest over(boolean v6) {
        return isLiteralOf(!v6) ? withoutAddress() : this;
    }

    private boolean isLiteralOf(boolean v6) {
        try {
            return address != null && InetAddress.ofLiteral(address) instanceof Inet6Address == v6;
        } catch (IllegalArgumentException e) {
            return false; // a name: the tracker resolves it
        }
    }

    private AnnounceRequest withoutAddress() {
        return new AnnounceRequest(
                infoHash, peerId, key, port, uploaded, downloaded, left, event, wanted, null, trackerId);
    }
}
