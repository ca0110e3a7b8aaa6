/** Readers whose files are streamed: how many are allowed, how much each has taken, and which are disconnected. */
@NullMarked
package io.shoal.storage.streams;

import org.jspecify.annotations.NullMarked;
