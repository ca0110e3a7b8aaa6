/**
 * The engine: takes part in swarms. It owns no file, no thread and no clock but those that it is given, and knows nothing of
 * the platform around it.
 *
 * <p>One torrent lives on one {@link io.shoal.engine.net.Loop}: all its state is touched there and nowhere else, so there is
 * no lock in the protocol code. {@link io.shoal.engine.TorrentHandle} is the handle that other threads use.
 */
@NullMarked
package io.shoal.engine;

import org.jspecify.annotations.NullMarked;
