/** Talks to a running platform as anybody would: over its API. */
@NullMarked
package io.shoal.local.client;

import org.jspecify.annotations.NullMarked;
