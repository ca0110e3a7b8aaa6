package io.shoal.swarm.running;

import io.shoal.bittorrent.PeerId;
import io.shoal.contracts.Generation;
import io.shoal.contracts.topics.SliceKey;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The peer ids of the fleet (BEP 20): {@code -SHvvvv-}, eight characters derived from the fleet's key and the slice,
 * and four derived from the key and the preceding characters. A slice therefore keeps its peer id whichever worker owns
 * it, and workers recognise one another's torrents, while outsiders cannot tell two deployments apart.
 */
public final class PeerIds {
    private static final String CLIENT = "-SH0100-";
    private static final int TAG = 4;
    private static final String DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-";

    private final SecretKeySpec key;

    /** @param fleetKey the same for all workers of a deployment, and secret */
    public PeerIds(String fleetKey) {
        key = new SecretKeySpec(fleetKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    /** Returns the peer id of one slice of one generation. */
    public PeerId of(SliceKey slice, Generation generation) {
        byte[] id = Arrays.copyOf(CLIENT.getBytes(StandardCharsets.US_ASCII), PeerId.LENGTH);
        write(hmac(slice + "/" + generation), id, CLIENT.length(), id.length - TAG);
        write(tag(id), id, id.length - TAG, id.length);
        return PeerId.of(id);
    }

    /** Whether {@code peer} is a slice of this fleet. One in 16 million foreign peer ids is mistaken for one. */
    public boolean isFleetMember(PeerId peer) {
        byte[] id = peer.bytes();
        byte[] expected = id.clone();
        write(tag(id), expected, id.length - TAG, id.length);
        return Arrays.equals(id, expected);
    }

    private byte[] tag(byte[] id) {
        return hmac("fleet/" + new String(id, 0, id.length - TAG, StandardCharsets.ISO_8859_1));
    }

    private static void write(byte[] digest, byte[] id, int from, int to) {
        for (int i = from; i < to; i++) {
            id[i] = (byte) DIGITS.charAt(digest[i] & 63);
        }
    }

    private byte[] hmac(String text) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("this JDK has no HmacSHA256", e);
        }
    }
}
