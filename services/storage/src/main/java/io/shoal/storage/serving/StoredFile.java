package io.shoal.storage.serving;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.SegmentIndex;
import io.shoal.bittorrent.geometry.FilePlace;
import io.shoal.bittorrent.geometry.Segment;
import io.shoal.contracts.objects.ObjectKeys;
import io.shoal.storage.catalog.SegmentLayout;
import java.util.BitSet;
import java.util.Optional;

/**
 * A file as the catalog knows it at one moment: which of its bytes are stored, and in which objects.
 *
 * @param assembled whether it is one object of its own
 * @param stored the torrent's stored segments; must not be changed
 */
record StoredFile(ObjectKeys keys, SegmentLayout.Content content, boolean assembled, BitSet stored) {

    /**
     * Consecutive bytes of the file in one object.
     *
     * @param key the object
     * @param offset where they begin in it
     * @param length how many they are, up to the end of the object's part of the file
     */
    record Extent(String key, long offset, long length) {}

    FileIndex index() {
        return content.file();
    }

    /** Bytes of the file. */
    long length() {
        return content.length();
    }

    /** The same file, found to be one object. */
    StoredFile asAssembled() {
        return new StoredFile(keys, content, true, stored);
    }

    /** Whether all bytes from {@code first} up to {@code end} are stored. */
    boolean has(long first, long end) {
        return assembled
                || switch (content.place()) {
                    case FilePlace.Nowhere() -> true;
                    case FilePlace.Packed(SegmentIndex segment, int offset, int length) -> stored.get(segment.value());
                    case FilePlace.Large(SegmentIndex from, int count, long length) -> {
                        int firstSegment = from.value() + (int) (first / Segment.MAX_LENGTH);
                        int lastSegment = from.value() + (int) ((end - 1) / Segment.MAX_LENGTH);
                        yield stored.nextClearBit(firstSegment) > lastSegment;
                    }
                };
    }

    /** The object that is this file and nothing else, if there is one. */
    Optional<String> ownObject() {
        if (assembled) {
            return Optional.of(keys.file(index()));
        }
        return content.wholeSegment() && has(0, length())
                ? Optional.of(extentAt(0).key())
                : Optional.empty();
    }

    /** The object that holds the byte at {@code position}, and those that follow it there. */
    Extent extentAt(long position) {
        if (assembled) {
            return new Extent(keys.file(index()), position, length() - position);
        }
        return switch (content.place()) {
            case FilePlace.Nowhere() -> throw new IllegalArgumentException("an empty file has no bytes");
            case FilePlace.Packed(SegmentIndex segment, int offset, int length) ->
                new Extent(keys.segment(segment), offset + position, length - position);
            case FilePlace.Large(SegmentIndex first, int count, long length) -> {
                int segment = (int) (position / Segment.MAX_LENGTH);
                long offset = position % Segment.MAX_LENGTH;
                yield new Extent(
                        keys.segment(new SegmentIndex(first.value() + segment)),
                        offset,
                        Math.min(Segment.MAX_LENGTH - offset, length - position));
            }
        };
    }
}
