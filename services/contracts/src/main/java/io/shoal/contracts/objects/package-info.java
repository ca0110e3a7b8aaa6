/** The keys of objects in the store: built from ids and indexes alone, never from names in a torrent. */
@NullMarked
package io.shoal.contracts.objects;

import org.jspecify.annotations.NullMarked;
