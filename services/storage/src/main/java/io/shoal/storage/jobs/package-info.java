/**
 * Work on stored content that must be completed although processes may die meanwhile: rows in the database, each leased to one
 * process.
 */
@NullMarked
package io.shoal.storage.jobs;

import org.jspecify.annotations.NullMarked;
