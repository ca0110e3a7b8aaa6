/** Assembles each large file into one object, by copies of its segments inside the store. */
@NullMarked
package io.shoal.storage.assembly;

import org.jspecify.annotations.NullMarked;
