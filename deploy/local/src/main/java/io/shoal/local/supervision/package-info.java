/** Child processes: started, watched, restarted, stopped; knows nothing of what they do. */
@NullMarked
package io.shoal.local.supervision;

import org.jspecify.annotations.NullMarked;
