/** Work that one replica does at a time. */
@NullMarked
package io.shoal.intake.duties;

import org.jspecify.annotations.NullMarked;
