/** Info dictionaries in the object store: written before a plan commits, read through a bounded cache. */
@NullMarked
package io.shoal.intake.infos;

import org.jspecify.annotations.NullMarked;
