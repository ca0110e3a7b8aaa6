package io.shoal.tracker.http;

import io.shoal.tracker.announce.PendingAnnounce;
import io.shoal.tracker.networks.Address;

/**
 * A response that waits for a registration, with what was read of its request: the bytes are gone by the time it is written.
 *
 * @param announce that waits
 * @param asker the client's address
 * @param form in which the client wants peers
 * @param isHead whether the response has no body
 */
record PendingResponse(PendingAnnounce announce, Address asker, PeerForm form, boolean isHead) {}
