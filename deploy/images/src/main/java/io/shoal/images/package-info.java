/** The services as container images. */
@NullMarked
package io.shoal.images;

import org.jspecify.annotations.NullMarked;
