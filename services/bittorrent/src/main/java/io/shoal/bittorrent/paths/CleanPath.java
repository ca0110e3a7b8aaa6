package io.shoal.bittorrent.paths;

import io.shoal.bittorrent.metainfo.FileTable;
import io.shoal.bittorrent.metainfo.Info;
import java.util.ArrayList;
import java.util.List;

/**
 * The path of a file as it is shown: relative, never leading upwards, each component a name that every common system
 * takes (at most 255 bytes of UTF-8; no separator, control or direction mark; no device name of Windows; no space or
 * dot at the end).
 *
 * @param components from the outermost folder to the file's name; at least one
 */
public record CleanPath(List<String> components) {
    public CleanPath {
        components = List.copyOf(components);
        if (components.isEmpty()) {
            throw new IllegalArgumentException("a path has a component");
        }
        for (String component : components) {
            if (!component.equals(CleanName.of(component))) {
                throw new IllegalArgumentException("a component that is not clean");
            }
        }
    }

    /** Cleans a single name, such as that of a torrent. */
    public static String name(String raw) {
        return CleanName.of(raw);
    }

    /**
     * The paths of all files of {@code info}, by their index. No two are equal to a file system that ignores case, and
     * none is the folder of another: later ones get a number, such as {@code film (2).mkv}. The paths of a torrent with
     * a folder begin with the folder's name. Each path is created on access.
     */
    public static List<CleanPath> of(Info info) {
        return of(info.name(), info.singleFile(), info.files());
    }

    /** As {@link #of(Info)}, for the values of an info dictionary; keeps {@code files} and nothing else of it. */
    public static List<CleanPath> of(String torrentName, boolean singleFile, FileTable files) {
        return new CleanPaths(singleFile ? null : CleanName.of(torrentName), files);
    }

    /** The name of the file alone. */
    public String name() {
        return components.getLast();
    }

    /** The components with slashes between them. */
    @Override
    public String toString() {
        return String.join("/", components);
    }

    /** Returns the same path, with a number before the name's extension. */
    CleanPath numbered(int number) {
        List<String> changed = new ArrayList<>(components);
        changed.set(changed.size() - 1, CleanName.withSuffix(name(), " (" + number + ")"));
        return new CleanPath(changed);
    }
}
