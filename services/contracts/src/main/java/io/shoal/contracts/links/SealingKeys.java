package io.shoal.contracts.links;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that tokens are encrypted with: the first seals, all of them open. Because each token names its key, an old and a new
 * key can be in force together, and replicas with either list honour the same tokens.
 *
 * <p>A token is base64url of: its kind (1 byte), key id (1 byte), nonce (12 random bytes), AES-256-GCM over the fields with the
 * two leading bytes as associated data. One token has exactly one text, and is never taken for one of another kind.
 */
public final class SealingKeys {
    /** Tokens of links. */
    static final byte LINK = 2;

    /** Positions in a library's changes. */
    public static final byte POSITION = 3;

    /** Positions in a list of transfers. */
    public static final byte CURSOR = 4;

    private static final int HEAD_BYTES = 2;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int KEY_BYTES = 32;
    private static final int MAX_ID = 255;
    private static final int MAX_CHARS = 2_048;
    private static final String CIPHER = "AES/GCM/NoPadding";

    private final SecureRandom random = new SecureRandom();
    private final Key first;
    private final Map<Integer, Key> keys;

    private record Key(int id, SecretKeySpec secret) {}

    private SealingKeys(List<Key> keys) {
        first = keys.getFirst();
        this.keys = keys.stream().collect(Collectors.toUnmodifiableMap(Key::id, Function.identity()));
    }

    /**
     * Reads {@code id:base64,id:base64,...}: ids are 0 to 255, each key has 32 bytes. Throws {@link IllegalArgumentException}
     * with a message that says what is wrong, calls them link keys as the setting of all uses does, and contains no part of a key.
     */
    public static SealingKeys parse(String text) {
        List<Key> keys = new ArrayList<>();
        for (String entry : text.split(",", -1)) {
            int colon = entry.indexOf(':');
            int id = colon < 0 ? -1 : id(entry.substring(0, colon).strip());
            if (id < 0) {
                throw new IllegalArgumentException("link keys are written id:base64,id:base64 with ids from 0 to "
                        + MAX_ID + "; number " + (keys.size() + 1) + " is not");
            }
            if (keys.stream().anyMatch(key -> key.id() == id)) {
                throw new IllegalArgumentException("two link keys have the id " + id);
            }
            keys.add(new Key(id, secret(id, entry.substring(colon + 1).strip())));
        }
        return new SealingKeys(keys);
    }

    private static int id(String text) {
        if (!text.matches("[0-9]{1,3}")) {
            return -1;
        }
        int id = Integer.parseInt(text);
        return id <= MAX_ID ? id : -1;
    }

    private static SecretKeySpec secret(int id, String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            // The cause is dropped because it may quote the key.
            throw new IllegalArgumentException("link key " + id + " is not base64");
        }
        if (bytes.length != KEY_BYTES) {
            throw new IllegalArgumentException("link key " + id + " has " + bytes.length + " bytes; it must have "
                    + KEY_BYTES + " (openssl rand -base64 " + KEY_BYTES + ")");
        }
        return new SecretKeySpec(bytes, "AES");
    }

    /** Returns the text of a token of this kind, encrypted with the first key. */
    public String seal(byte kind, byte[] fields) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] head = {kind, (byte) first.id()};
        byte[] sealed = new byte[HEAD_BYTES + NONCE_BYTES + fields.length + TAG_BYTES];
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, first.secret(), nonce, head);
            ByteBuffer into = ByteBuffer.wrap(sealed).put(head).put(nonce);
            cipher.doFinal(ByteBuffer.wrap(fields), into);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a token cannot be encrypted", e);
        }
        return encode(sealed);
    }

    /** Returns the fields of the token in {@code text}, if it is of this kind and one of these keys encrypted it. */
    public Optional<ByteBuffer> open(byte kind, String text) {
        if (text.length() > MAX_CHARS) {
            return Optional.empty();
        }
        byte[] sealed;
        try {
            sealed = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        // The decoder accepts padding and ignores surplus bits, so the text is compared with its canonical form.
        if (sealed.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES
                || sealed[0] != kind
                || !encode(sealed).equals(text)) {
            return Optional.empty();
        }
        Key key = keys.get(Byte.toUnsignedInt(sealed[1]));
        return key == null ? Optional.empty() : open(sealed, key.secret());
    }

    private static Optional<ByteBuffer> open(byte[] sealed, SecretKeySpec key) {
        ByteBuffer bytes = ByteBuffer.wrap(sealed);
        byte[] head = new byte[HEAD_BYTES];
        byte[] nonce = new byte[NONCE_BYTES];
        bytes.get(head).get(nonce);
        ByteBuffer fields = ByteBuffer.allocate(bytes.remaining());
        try {
            cipher(Cipher.DECRYPT_MODE, key, nonce, head).doFinal(bytes, fields);
        } catch (AEADBadTagException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a token cannot be decrypted", e);
        }
        return Optional.of(fields.flip());
    }

    private static Cipher cipher(int mode, SecretKeySpec key, byte[] nonce, byte[] head)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
        cipher.updateAAD(head);
        return cipher;
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
