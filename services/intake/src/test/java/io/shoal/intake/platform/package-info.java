/** What the tests of this service stand on: real servers, tenants of their own, and a fleet that says what it is told to. */
@NullMarked
package io.shoal.intake.platform;

import org.jspecify.annotations.NullMarked;
