package io.shoal.bittorrent.paths;

import io.shoal.bittorrent.metainfo.FileTable;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.RandomAccess;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The clean paths of all files of a torrent, by their index. No two are equal to a file system that ignores case, and
 * none is the folder of another. A path is created on access; beside the {@link FileTable} only the number is kept that
 * distinguishes a file from others of its name, because it alone depends on all files.
 *
 * <p>Names are compared by 64-bit hashes. Two names with the same hash count as equal, so the later one gets a number
 * that it did not need; two equal names never share a path.
 */
final class CleanPaths extends AbstractList<CleanPath> implements RandomAccess {
    private static final int[] NO_NUMBERS = {};
    private static final long HASH_START = 0xcbf29ce484222325L;
    private static final long HASH_FACTOR = 0x100000001b3L;

    private final @Nullable String folder;
    private final FileTable files;
    private final int[] numbers;

    /**
     * @param folder the clean name of the torrent's folder; null if it has none
     */
    CleanPaths(@Nullable String folder, FileTable files) {
        this.folder = folder;
        this.files = files;
        this.numbers = numbers();
    }

    @Override
    public int size() {
        return files.size();
    }

    @Override
    public CleanPath get(int file) {
        CleanPath path = unnumbered(file);
        return numbers.length == 0 || numbers[file] == 0 ? path : path.numbered(numbers[file]);
    }

    private CleanPath unnumbered(int file) {
        List<String> path = files.get(file).path();
        List<String> components = new ArrayList<>(path.size() + 1);
        if (folder != null) {
            components.add(folder);
        }
        for (String parent : path.subList(0, path.size() - 1)) {
            if (!parent.isEmpty() && !parent.equals(".")) {
                components.add(CleanName.of(parent));
            }
        }
        components.add(CleanName.of(path.getLast()));
        return new CleanPath(components);
    }

    private int[] numbers() {
        long[] keys = new long[files.size()];
        for (int file = 0; file < keys.length; file++) {
            keys[file] = hash(key(unnumbered(file)));
        }
        Set<Long> taken = foldersThatAreFiles(keys);
        Map<Long, Integer> last = new HashMap<>();
        int[] found = NO_NUMBERS;
        for (int file = 0; file < keys.length; file++) {
            if (taken.add(keys[file])) {
                continue;
            }
            found = found.length == 0 ? new int[keys.length] : found;
            CleanPath path = unnumbered(file);
            do {
                found[file] = last.merge(keys[file], 1, Integer::sum) + 1;
            } while (!taken.add(hash(key(path.numbered(found[file])))));
        }
        return found;
    }

    private Set<Long> foldersThatAreFiles(long[] keys) {
        long[] sorted = keys.clone();
        Arrays.sort(sorted);
        Set<Long> folders = new HashSet<>();
        for (int file = 0; file < keys.length; file++) {
            String key = key(unnumbered(file));
            long hash = HASH_START;
            for (int i = 0; i < key.length(); i++) {
                char c = key.charAt(i);
                if (c == '/' && Arrays.binarySearch(sorted, mixed(hash)) >= 0) {
                    folders.add(mixed(hash));
                }
                hash = (hash ^ c) * HASH_FACTOR;
            }
        }
        return folders;
    }

    private static long hash(String key) {
        long hash = HASH_START;
        for (int i = 0; i < key.length(); i++) {
            hash = (hash ^ key.charAt(i)) * HASH_FACTOR;
        }
        return mixed(hash);
    }

    private static long mixed(long hash) {
        long mixed = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        return mixed ^ mixed >>> 33;
    }

    /** Returns a key that is equal for paths that some file system regards as the same. */
    private static String key(CleanPath path) {
        return path.toString().toLowerCase(Locale.ROOT);
    }
}
