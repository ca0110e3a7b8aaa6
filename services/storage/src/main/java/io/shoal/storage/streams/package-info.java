/** Readers whose files are streamed: how many there may be, what each has taken, and which must go. */
@NullMarked
package io.shoal.storage.streams;

import org.jspecify.annotations.NullMarked;
