/** Content that the catalog lists and the store does not have. */
@NullMarked
package io.shoal.storage.losses;

import org.jspecify.annotations.NullMarked;
