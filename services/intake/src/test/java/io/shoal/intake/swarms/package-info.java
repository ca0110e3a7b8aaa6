@NullMarked
package io.shoal.intake.swarms;

import org.jspecify.annotations.NullMarked;
