/** Where a torrent's bytes are kept, as the engine sees it. */
@NullMarked
package io.shoal.engine.store;

import org.jspecify.annotations.NullMarked;
