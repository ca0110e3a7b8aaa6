/** What the end-to-end tests share: a platform with a tenant, content, and waiting for things to come true. */
@NullMarked
package io.shoal.local.world;

import org.jspecify.annotations.NullMarked;
