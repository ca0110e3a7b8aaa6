/** One torrent's life in its swarm: composes the other packages, and decides nothing that one of them could. */
@NullMarked
package io.shoal.engine.session;

import org.jspecify.annotations.NullMarked;
