package io.shoal.bittorrent.wire;

import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BInteger;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The message ids under which one side receives extensions: the dictionary {@code m} of the extended handshake. An id
 * of 0 means that the extension is not, or no longer, received (BEP 10); one that is missing means no change.
 */
public record ExtensionIds(Map<Extension, Integer> ids) {
    private static final int ID_MAX = 255;

    public static final ExtensionIds NONE = new ExtensionIds(Map.of());

    public ExtensionIds {
        ids = Map.copyOf(ids);
    }

    /** The ids of this engine for {@code extensions}. */
    public static ExtensionIds ours(Set<Extension> extensions) {
        Map<Extension, Integer> ids = new EnumMap<>(Extension.class);
        extensions.forEach(each -> ids.put(each, each.id()));
        return new ExtensionIds(ids);
    }

    /** Returns the id under which {@code extension} is received; 0 if it is not. */
    public int of(Extension extension) {
        return ids.getOrDefault(extension, 0);
    }

    /** These ids, changed by those of a later handshake. */
    public ExtensionIds with(ExtensionIds later) {
        Map<Extension, Integer> all = new EnumMap<>(Extension.class);
        all.putAll(ids);
        all.putAll(later.ids);
        return new ExtensionIds(all);
    }

    Map<String, Integer> encode() {
        Map<String, Integer> m = new TreeMap<>();
        ids.forEach((extension, id) -> m.put(extension.key(), id));
        return m;
    }

    static ExtensionIds decode(BDictionary m) {
        Map<Extension, Integer> ids = new EnumMap<>(Extension.class);
        for (Extension extension : Extension.values()) {
            BInteger id = m.integer(extension.key());
            if (id != null && id.value() >= 0 && id.value() <= ID_MAX) {
                ids.put(extension, (int) id.value());
            }
        }
        return new ExtensionIds(ids);
    }
}
