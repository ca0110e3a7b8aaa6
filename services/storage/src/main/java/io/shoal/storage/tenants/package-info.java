/** What storage knows of tenants: the time before which their links are void. */
@NullMarked
package io.shoal.storage.tenants;

import org.jspecify.annotations.NullMarked;
