/** What has changed in a library since a position: for clients that keep a copy of it. */
@NullMarked
package io.shoal.intake.changes;

import org.jspecify.annotations.NullMarked;
