/** Files that become torrents, and how they are compared. */
@NullMarked
package io.shoal.local.torrents;

import org.jspecify.annotations.NullMarked;
