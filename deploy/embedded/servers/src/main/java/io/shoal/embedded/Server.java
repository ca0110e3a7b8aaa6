package io.shoal.embedded;

import java.io.IOException;

/**
 * A server that runs as a child process: how its folder is made ready, how it is started, and when it answers. Says nothing
 * of who watches over it.
 */
public interface Server {
    /** A word for logs and messages. */
    String name();

    /** Makes its folder what the process expects; does nothing when it is so already. */
    void prepare() throws IOException, InterruptedException;

    /** The process; its output is for a log. */
    ProcessBuilder command() throws IOException;

    /** Whether it answers as it should, now. Does not wait. */
    boolean isReady();
}
