/** What runs: the processes of one platform, their ports, keys and configuration, kept in one folder. */
@NullMarked
package io.shoal.local.platform;

import org.jspecify.annotations.NullMarked;
