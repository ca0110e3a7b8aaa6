/**
 * The engine: takes part in swarms. It uses only the files, threads and clocks that it is given, and does not depend on
 * the platform around it.
 *
 * <p>One torrent lives on one {@link io.shoal.engine.net.Loop}: all its state is touched there and nowhere else, so
 * there is no lock in the protocol code. {@link io.shoal.engine.TorrentHandle} is the handle that other threads use.
 */
@NullMarked
package io.shoal.engine;

import org.jspecify.annotations.NullMarked;
