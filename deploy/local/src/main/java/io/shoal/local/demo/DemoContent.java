package io.shoal.local.demo;

import io.shoal.local.torrents.Content;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The content of the demo's torrent. */
final class DemoContent {
    private DemoContent() {}

    /**
     * One file or folder: itself if {@code files} has one, else a folder in {@code folder} with links
     * to all of them; without any, the JDK's own {@code lib/modules}.
     */
    static Content of(List<Path> files, Path folder) throws IOException {
        for (Path file : files) {
            if (!Files.isReadable(file)) {
                throw new IOException("cannot read " + file);
            }
        }
        if (files.isEmpty()) {
            return Content.of(Path.of(System.getProperty("java.home"), "lib", "modules"));
        }
        if (files.size() == 1) {
            return Content.of(files.getFirst().toRealPath());
        }
        Path all = Files.createDirectories(folder.resolve("demo"));
        for (Path file : files) {
            if (Files.isDirectory(file)) {
                throw new IOException(file + " is a folder; give one folder alone, or files");
            }
            Path link = all.resolve(file.getFileName().toString());
            if (Files.exists(link)) {
                throw new IOException("two of the files are named " + file.getFileName());
            }
            Files.createSymbolicLink(link, file.toRealPath());
        }
        return Content.of(all);
    }
}
