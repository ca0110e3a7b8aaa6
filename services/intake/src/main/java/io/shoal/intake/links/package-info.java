/** The right to read one file for some hours, as a URL of storage. */
@NullMarked
package io.shoal.intake.links;

import org.jspecify.annotations.NullMarked;
