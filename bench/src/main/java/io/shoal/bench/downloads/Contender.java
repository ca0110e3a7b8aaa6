package io.shoal.bench.downloads;

import java.io.IOException;
import java.nio.file.Path;

/** Somebody who downloads the file of a torrent from the one seed. */
interface Contender {
    /** Downloads it, says what that cost, and leaves no byte of it behind. */
    void download(Path torrent, Rows rows) throws IOException, InterruptedException;
}
