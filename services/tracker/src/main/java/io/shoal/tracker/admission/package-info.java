/** Which torrents are served. */
@NullMarked
package io.shoal.tracker.admission;

import org.jspecify.annotations.NullMarked;
