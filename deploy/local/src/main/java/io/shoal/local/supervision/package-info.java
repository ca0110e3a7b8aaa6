/** Child processes: started, watched, restarted, stopped; independent of what they run. */
@NullMarked
package io.shoal.local.supervision;

import org.jspecify.annotations.NullMarked;
