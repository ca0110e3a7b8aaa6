/** Large files become one object, copied together inside the store from their segments. */
@NullMarked
package io.shoal.storage.assembly;

import org.jspecify.annotations.NullMarked;
