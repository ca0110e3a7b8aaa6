/** One torrent all the way, before the eyes of a newcomer. */
@NullMarked
package io.shoal.local.demo;

import org.jspecify.annotations.NullMarked;
