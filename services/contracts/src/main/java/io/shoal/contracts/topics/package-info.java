/** The topics: names, kinds and partitions, created and checked at start-up. */
@NullMarked
package io.shoal.contracts.topics;

import org.jspecify.annotations.NullMarked;
