package io.shoal.local.terminal;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;

/**
 * Lines, and at their end one that changes in place. Where the output is no terminal, the changing line is printed now and
 * then instead.
 */
public final class Screen {
    private static final long PLAIN_PAUSE_NANOS = Duration.ofSeconds(2).toNanos();

    private final PrintStream out;
    private final boolean inPlace;
    private boolean changing;
    private long lastPlain = System.nanoTime() - PLAIN_PAUSE_NANOS;

    public Screen(PrintStream out) {
        this.out = out;
        this.inPlace = Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .isPresent();
    }

    /** A line that stays. */
    public synchronized void line(String text) {
        endChanging();
        out.println(text);
    }

    /** What the changing line says now. */
    public synchronized void progress(String text) {
        if (inPlace) {
            out.print("\r" + text + "\u001b[K");
            out.flush();
            changing = true;
        } else if (System.nanoTime() - lastPlain >= PLAIN_PAUSE_NANOS) {
            lastPlain = System.nanoTime();
            out.println(text);
        }
    }

    private void endChanging() {
        if (changing) {
            out.println();
            changing = false;
        }
    }
}
