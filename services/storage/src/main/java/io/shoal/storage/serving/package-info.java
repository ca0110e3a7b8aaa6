/** Links: a token becomes a file's bytes, or a redirect to them. */
@NullMarked
package io.shoal.storage.serving;

import org.jspecify.annotations.NullMarked;
