package io.shoal.contracts.records;

import java.util.UUID;
import java.util.regex.Pattern;

/**
 * {@code shoal.accounting}: the totals of one session of a private torrent's member so far. A session is one run of a client: from
 * its {@code started}, or from when its counters began anew, to its end. The numbers are totals of the session, so a record that is
 * read twice, or after a later one, does no harm: the one with the latest {@code last} holds.
 *
 * @param v version of this record: 1
 * @param tenant whose torrent
 * @param user whose passkey
 * @param infoHash of the torrent, in hexadecimal
 * @param peer the client's peer id, in hexadecimal
 * @param start when the session began, in milliseconds since 1970
 * @param uploaded bytes that it sent, 0 to 2^63 - 1
 * @param downloaded bytes that it received, 0 to 2^63 - 1
 * @param seedingSeconds time that it spent as a seed
 * @param last when it announced last, in milliseconds since 1970, not before {@code start}
 */
public record AccountingRecord(
        int v,
        UUID tenant,
        UUID user,
        String infoHash,
        String peer,
        long start,
        long uploaded,
        long downloaded,
        long seedingSeconds,
        long last) {
    /** The end of the year 9999: later than any real time, and within the range of databases. */
    private static final long TIME_MOST = 253_402_300_799_999L;

    private static final Pattern PEER = Pattern.compile("[0-9a-f]{40}");

    public AccountingRecord {
        Require.present(tenant, "tenant");
        Require.present(user, "user");
        Require.present(infoHash, "infoHash");
        Require.infoHash(infoHash);
        Require.present(peer, "peer");
        if (!PEER.matcher(peer).matches()) {
            throw new IllegalArgumentException("a peer id has 40 hexadecimal digits");
        }
        if (start < 0 || last < start || last > TIME_MOST || uploaded < 0 || downloaded < 0 || seedingSeconds < 0) {
            throw new IllegalArgumentException("times and bytes are in their ranges, and only grow");
        }
    }
}
