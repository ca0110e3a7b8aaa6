/**
 * The contract between the services: the ids that name things in records, object keys and URLs. A change here is a change of the
 * platform's contract.
 */
@NullMarked
package io.shoal.contracts;

import org.jspecify.annotations.NullMarked;
