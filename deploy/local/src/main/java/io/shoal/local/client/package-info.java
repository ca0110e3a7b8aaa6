/** Uses a running platform over its public API. */
@NullMarked
package io.shoal.local.client;

import org.jspecify.annotations.NullMarked;
