/** Which torrents live, which of their segments are stored and which files are assembled. */
@NullMarked
package io.shoal.storage.catalog;

import org.jspecify.annotations.NullMarked;
