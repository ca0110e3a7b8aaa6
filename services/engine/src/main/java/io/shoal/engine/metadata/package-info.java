/** The info dictionary, fetched from peers and sent to peers (BEP 9). */
@NullMarked
package io.shoal.engine.metadata;

import org.jspecify.annotations.NullMarked;
