/** The embedded servers as resources of a Quarkus test: started once for all tests of a module that ask for them. */
@NullMarked
package io.shoal.embedded.test;

import org.jspecify.annotations.NullMarked;
