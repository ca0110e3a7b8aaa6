/** What storage knows of tenants: before when their links are void. */
@NullMarked
package io.shoal.storage.tenants;

import org.jspecify.annotations.NullMarked;
