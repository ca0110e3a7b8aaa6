/** Dead generations leave the store. */
@NullMarked
package io.shoal.storage.purge;

import org.jspecify.annotations.NullMarked;
