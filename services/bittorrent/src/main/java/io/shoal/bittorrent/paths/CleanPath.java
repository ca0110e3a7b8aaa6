package io.shoal.bittorrent.paths;

import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.Info;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A file's place as we show it: relative, going nowhere but down, each component a name that every common system takes
 * (at most 255 bytes of UTF-8; no separator, control or direction mark; no device name of Windows; no space or dot at the end).
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

    /** A single name, made clean: that of a torrent, say. */
    public static String name(String raw) {
        return CleanName.of(raw);
    }

    /**
     * The paths of all files of {@code info}, by their index, no two of them equal to a file system that ignores case, and
     * none the folder of another: later ones get a number, such as {@code film (2).mkv}. Those of a torrent with a folder
     * begin with the folder's name.
     */
    public static List<CleanPath> of(Info info) {
        List<CleanPath> paths = new ArrayList<>(info.files().size());
        for (FileEntry file : info.files()) {
            paths.add(clean(info, file));
        }
        return distinct(paths);
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

    private static CleanPath clean(Info info, FileEntry file) {
        List<String> components = new ArrayList<>();
        if (!info.singleFile()) {
            components.add(CleanName.of(info.name()));
        }
        List<String> folders = file.path().subList(0, file.path().size() - 1);
        for (String folder : folders) {
            if (!folder.isEmpty() && !folder.equals(".")) {
                components.add(CleanName.of(folder));
            }
        }
        components.add(CleanName.of(file.path().getLast()));
        return new CleanPath(components);
    }

    private static List<CleanPath> distinct(List<CleanPath> paths) {
        Set<String> files = new HashSet<>();
        for (CleanPath path : paths) {
            files.add(path.key());
        }
        Set<String> taken = new HashSet<>();
        for (CleanPath path : paths) {
            String key = path.key();
            for (int slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
                String folder = key.substring(0, slash);
                if (files.contains(folder)) {
                    taken.add(folder);
                }
            }
        }
        Map<String, Integer> last = new HashMap<>();
        List<CleanPath> distinct = new ArrayList<>(paths.size());
        for (CleanPath path : paths) {
            String key = path.key();
            CleanPath free = path;
            while (!taken.add(free.key())) {
                free = path.numbered(last.merge(key, 1, Integer::sum) + 1);
            }
            distinct.add(free);
        }
        return distinct;
    }

    private CleanPath numbered(int number) {
        List<String> changed = new ArrayList<>(components);
        changed.set(changed.size() - 1, CleanName.withSuffix(name(), " (" + number + ")"));
        return new CleanPath(changed);
    }

    /** Equal for paths that some file system takes for the same. */
    private String key() {
        return toString().toLowerCase(Locale.ROOT);
    }
}
