/** The service as its servers see it: records and objects in, objects, records and bytes out. */
@NullMarked
package io.shoal.storage;

import org.jspecify.annotations.NullMarked;
