/** Whole workers, with peers, trackers and a store, in one deterministic thread. */
@NullMarked
package io.shoal.simulation;

import org.jspecify.annotations.NullMarked;
