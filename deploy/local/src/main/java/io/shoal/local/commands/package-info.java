/** What the user can type. */
@NullMarked
package io.shoal.local.commands;

import org.jspecify.annotations.NullMarked;
