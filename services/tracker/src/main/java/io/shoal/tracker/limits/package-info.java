/** How often one address may ask. */
@NullMarked
package io.shoal.tracker.limits;

import org.jspecify.annotations.NullMarked;
