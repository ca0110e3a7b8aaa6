/** The object store as this service is configured for it. */
@NullMarked
package io.shoal.storage.objects;

import org.jspecify.annotations.NullMarked;
