/** The peers of each swarm in packed memory that knows neither HTTP nor UDP nor what a registered torrent is. */
@NullMarked
package io.shoal.tracker.swarms;

import org.jspecify.annotations.NullMarked;
