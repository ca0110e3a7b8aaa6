/** Access to this service's database. */
@NullMarked
package io.shoal.storage.database;

import org.jspecify.annotations.NullMarked;
