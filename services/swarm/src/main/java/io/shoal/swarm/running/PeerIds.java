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
 * How the fleet names itself in swarms (BEP 20): {@code -SHvvvv-} and twelve characters that follow from the fleet's key and
 * the slice, so that a slice keeps its name whoever owns it, and nobody else can tell ours from another's.
 */
public final class PeerIds {
    private static final String CLIENT = "-SH0100-";
    private static final String DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-";

    private final SecretKeySpec key;

    /** @param fleetKey the same for all workers of a deployment, and for nobody else */
    public PeerIds(String fleetKey) {
        key = new SecretKeySpec(fleetKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    /** Our name for one slice of one generation. */
    public PeerId of(SliceKey slice, Generation generation) {
        byte[] digest = hmac(slice + "/" + generation);
        byte[] id = Arrays.copyOf(CLIENT.getBytes(StandardCharsets.US_ASCII), PeerId.LENGTH);
        for (int i = CLIENT.length(); i < id.length; i++) {
            id[i] = (byte) DIGITS.charAt(digest[i] & 63);
        }
        return PeerId.of(id);
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
