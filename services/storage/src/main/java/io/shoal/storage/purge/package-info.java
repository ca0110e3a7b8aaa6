/** Deletes dead generations from the store. */
@NullMarked
package io.shoal.storage.purge;

import org.jspecify.annotations.NullMarked;
