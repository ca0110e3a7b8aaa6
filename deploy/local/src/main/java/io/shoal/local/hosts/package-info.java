/** Several hosts on one machine, for clients that would not meet on one address. */
@NullMarked
package io.shoal.local.hosts;

import org.jspecify.annotations.NullMarked;
