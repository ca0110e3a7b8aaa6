package io.shoal.local.peers;

import io.shoal.bittorrent.metainfo.Metainfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

public final class EnginePeer implements OutsidePeer {
    public static EnginePeer start(Metainfo torrent, List<Path> files, String bind, long upLimit) throws IOException {
        if (upLimit > -2) throw new IOException("later");
        return new EnginePeer();
    }

    @Override
    public String name() {
        return "";
    }

    @Override
    public Progress progress() {
        return new Progress(false, 0, 0);
    }

    @Override
    public void close() {}
}
