/** Work on stored content that must be done once, whatever dies meanwhile: rows in the database, leased to one process. */
@NullMarked
package io.shoal.storage.jobs;

import org.jspecify.annotations.NullMarked;
