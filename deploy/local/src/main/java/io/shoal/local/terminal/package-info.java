/** What the user sees: lines, a line that changes, sizes in words. */
@NullMarked
package io.shoal.local.terminal;

import org.jspecify.annotations.NullMarked;
