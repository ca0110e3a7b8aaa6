/** The commands of {@code ./shoal}. */
@NullMarked
package io.shoal.local.commands;

import org.jspecify.annotations.NullMarked;
