package io.shoal.engine.obfuscation;

import io.shoal.bittorrent.InfoHash;
import io.shoal.engine.EncryptionPolicy;
import io.shoal.engine.net.ConnectionHandler;
import io.shoal.engine.net.Loop;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Encrypts the connections of one engine with peers, as its policy says. Any thread. */
public final class PeerEncryption {
    /** The beginning of a plaintext handshake (BEP 3). No key exchange begins with it. */
    static final byte[] PROTOCOL = "\u0013BitTorrent protocol".getBytes(StandardCharsets.ISO_8859_1);

    private final EncryptionPolicy policy;
    private final KeyExchangeQueue exchanges;
    private final Consumer<byte[]> random;
    private final LongAdder incoming = new LongAdder();
    private final LongAdder outgoing = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder rejected = new LongAdder();

    /**
     * What has become of encrypted handshakes.
     *
     * @param incoming that were completed with peers that dialled this engine
     * @param outgoing that were completed with dialled peers
     * @param failed that ended before, those that were rejected included
     * @param rejected because too many key exchanges were waiting
     */
    public record Counters(long incoming, long outgoing, long failed, long rejected) {}

    /**
     * @param workers calculate keys, one at a time
     * @param random fills arrays with random bytes; must be thread-safe
     */
    public PeerEncryption(EncryptionPolicy policy, Executor workers, Consumer<byte[]> random) {
        this.policy = policy;
        this.exchanges = new KeyExchangeQueue(workers);
        this.random = random;
    }

    /**
     * Returns the handler of a connection that is being dialled.
     *
     * @param alternative whether to do it in the way that the policy does not try first
     * @param handshake receives the connection as if it were plaintext, and all that happens to it
     */
    public ConnectionHandler outgoing(InfoHash torrent, boolean alternative, ConnectionHandler handshake) {
        boolean encrypts = policy.encryptsFirst() != (alternative && policy.hasAlternative());
        return encrypts ? new OutgoingHandshake(this, torrent, handshake) : handshake;
    }

    /**
     * Returns the handler of an incoming connection.
     *
     * @param torrents returns the torrent of this name for which the peer may be answered, null if there is none
     * @param handshake receives the connection as if it were plaintext, and all that happens to it
     */
    public ConnectionHandler incoming(
            Function<ObfuscatedHash, @Nullable InfoHash> torrents, ConnectionHandler handshake) {
        return policy.acceptsEncrypted() ? new IncomingHandshake(this, torrents, handshake) : handshake;
    }

    public Counters counters() {
        return new Counters(incoming.sum(), outgoing.sum(), failed.sum(), rejected.sum());
    }

    // ---- For the handshakes

    boolean acceptsPlaintext() {
        return policy.acceptsPlaintext();
    }

    /** Returns the methods that a dialled peer may choose from, as bits. */
    int methods() {
        return policy.allowsPlaintextPayload()
                ? EncryptedHandshake.RC4 | EncryptedHandshake.PLAINTEXT
                : EncryptedHandshake.RC4;
    }

    /** Returns one of the methods that a peer has offered; 0 if none is accepted. */
    int choose(int offered) {
        int possible = offered & methods();
        int preferred = policy.choosesRc4() ? EncryptedHandshake.RC4 : EncryptedHandshake.PLAINTEXT;
        return (possible & preferred) != 0 ? preferred : possible;
    }

    /** Calculates a new key pair: not on a loop. */
    KeyMaterial newKeys() {
        byte[] bytes = new byte[KeyMaterial.RANDOM];
        random.accept(bytes);
        return KeyMaterial.of(bytes);
    }

    /** Calculates {@code work} on a worker and passes its result to {@code done} on {@code loop}, null after a fault. */
    <T> void calculate(boolean isIncoming, Loop loop, Supplier<@Nullable T> work, Consumer<@Nullable T> done)
            throws EncryptionException {
        if (!exchanges.submit(isIncoming, loop, work, done)) {
            rejected.increment();
            throw new EncryptionException("too many key exchanges");
        }
    }

    void completed(boolean isIncoming) {
        (isIncoming ? incoming : outgoing).increment();
    }

    void failed() {
        failed.increment();
    }
}
