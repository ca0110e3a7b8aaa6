/**
 * What tests of several modules share: the embedded servers as resources of a Quarkus test, started once for all tests of a module
 * that ask for them; programs in a small heap, and input that needs much memory.
 */
@NullMarked
package io.shoal.embedded.test;

import org.jspecify.annotations.NullMarked;
