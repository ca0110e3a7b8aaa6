/** The scratch file in which open segments are filled, and its division among torrents. */
@NullMarked
package io.shoal.swarm.scratch;

import org.jspecify.annotations.NullMarked;
