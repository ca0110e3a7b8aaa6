/** Peer exchange (BEP 11): which addresses a torrent tells its peers, and which of theirs it accepts. */
@NullMarked
package io.shoal.engine.exchange;

import org.jspecify.annotations.NullMarked;
