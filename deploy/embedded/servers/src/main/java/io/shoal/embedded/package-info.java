/**
 * The servers that Shoal stands on, started without containers: each is a child process with a folder and a port of its own.
 */
@NullMarked
package io.shoal.embedded;

import org.jspecify.annotations.NullMarked;
