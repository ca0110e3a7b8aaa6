/**
 * The messages between peers over a stream of bytes: BEP 3, with the extension protocol (BEP 10) and metadata (BEP 9).
 */
@NullMarked
package io.shoal.bittorrent.wire;

import org.jspecify.annotations.NullMarked;
