package io.shoal.engine.obfuscation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * All that is random in one side's handshake.
 *
 * @param firstMessage the public key and its padding
 * @param secondPadding the length of the padding that is encrypted
 */
record KeyMaterial(KeyExchange exchange, ByteBuf firstMessage, int secondPadding) {
    /** How many random bytes it takes. */
    static final int RANDOM = KeyExchange.PRIVATE_LENGTH + 2 + 2 + EncryptedHandshake.PAD_MAX;

    /** Calculates a public key. */
    static KeyMaterial of(byte[] random) {
        ByteBuf in = Unpooled.wrappedBuffer(random);
        in.skipBytes(KeyExchange.PRIVATE_LENGTH);
        int first = in.readUnsignedShort() % (EncryptedHandshake.PAD_MAX + 1);
        int second = in.readUnsignedShort() % (EncryptedHandshake.PAD_MAX + 1);
        KeyExchange exchange = new KeyExchange(random);
        return new KeyMaterial(
                exchange,
                Unpooled.copiedBuffer(Unpooled.wrappedBuffer(exchange.publicKey()), in.readSlice(first)),
                second);
    }
}
