/** The store of a torrent's bytes, as the engine sees it. */
@NullMarked
package io.shoal.engine.store;

import org.jspecify.annotations.NullMarked;
