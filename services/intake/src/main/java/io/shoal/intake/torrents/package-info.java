/** What content there is, and which life it is in: generations, from live to purged. */
@NullMarked
package io.shoal.intake.torrents;

import org.jspecify.annotations.NullMarked;
