/** The edge to tenants and operators: REST, events, problem details. */
@NullMarked
package io.shoal.intake.api;

import org.jspecify.annotations.NullMarked;
