package io.shoal.tracker.udp;

import io.netty.buffer.ByteBuf;

/** The options that may follow an announce (BEP 41). */
final class Options {
    private static final int END = 0;
    private static final int NOTHING = 1;
    private static final int URL_DATA = 2;

    private Options() {}

    /**
     * Appends to {@code urlData} the path and query of the tracker's URL that the asker was given, which may come in pieces of
     * 255 bytes. Options that we do not know are skipped.
     *
     * @param options read to their end
     * @return false if one says that it is longer than what is left
     */
    static boolean read(ByteBuf options, ByteBuf urlData) {
        while (options.isReadable()) {
            int type = options.readUnsignedByte();
            if (type == END) {
                return true;
            }
            if (type == NOTHING) {
                continue;
            }
            if (!options.isReadable()) {
                return false;
            }
            int length = options.readUnsignedByte();
            if (length > options.readableBytes()) {
                return false;
            }
            if (type == URL_DATA) {
                urlData.writeBytes(options, length);
            } else {
                options.skipBytes(length);
            }
        }
        return true;
    }
}
