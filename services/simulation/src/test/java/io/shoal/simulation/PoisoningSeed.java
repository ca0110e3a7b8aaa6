package io.shoal.simulation;

import io.shoal.engine.swarms.ScriptedSeed;

/** A seed that sends wrong bytes for some requests, and right ones for the others. */
final class PoisoningSeed extends ScriptedSeed {
    private final int every;

    /** @param every how many requests have one wrong answer among them */
    PoisoningSeed(int host, TorrentContent content, int every) {
        super(host, content.info, content.bytes, request -> true);
        this.every = every;
    }

    @Override
    protected void requested(int n, int piece, int begin, int length) {
        if (n % every == 0) {
            send(piece, begin, new byte[length]);
        } else {
            super.requested(n, piece, begin, length);
        }
    }
}
