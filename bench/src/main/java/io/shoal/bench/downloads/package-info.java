/** A torrent into the object store, beside what a user would do instead. */
@NullMarked
package io.shoal.bench.downloads;

import org.jspecify.annotations.NullMarked;
