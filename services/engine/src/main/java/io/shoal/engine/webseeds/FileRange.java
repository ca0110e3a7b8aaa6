package io.shoal.engine.webseeds;

import io.shoal.bittorrent.metainfo.SourceUrl;
import org.jspecify.annotations.Nullable;

/**
 * A part of a torrent that lies in one file.
 *
 * @param url where the file is; null for a pad file, whose bytes are zeros and are not requested
 * @param offset of its first byte in the file
 * @param length its bytes, at least 1
 * @param fileLength all bytes of the file
 */
record FileRange(@Nullable SourceUrl url, long offset, long length, long fileLength) {}
