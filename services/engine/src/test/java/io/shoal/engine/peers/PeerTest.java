package io.shoal.engine.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.bittorrent.wire.Capabilities;
import io.shoal.bittorrent.wire.ExtendedHandshake;
import io.shoal.bittorrent.wire.Extension;
import io.shoal.bittorrent.wire.ExtensionMessage;
import io.shoal.bittorrent.wire.Handshake;
import io.shoal.bittorrent.wire.MetadataMessage;
import io.shoal.bittorrent.wire.PeerMessages;
import io.shoal.bittorrent.wire.PexMessage;
import io.shoal.bittorrent.wire.UploadOnly;
import io.shoal.engine.limits.EngineLimits;
import io.shoal.engine.limits.RateTree;
import io.shoal.engine.limits.RateTree.Share;
import io.shoal.engine.net.Loop;
import io.shoal.engine.net.ManualLoop;
import io.shoal.engine.store.Store;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PeerTest {
    private static final Handshake HANDSHAKE =
            new Handshake(InfoHash.ofInfo(new byte[1]), PeerId.of(new byte[PeerId.LENGTH]), Capabilities.OURS);

    private static final byte[] METADATA_UNDER_3 = ascii("d1:md11:ut_metadatai3eee");

    private static final int PIECES = 4;
    private static final int PIECE = 4 * Pieces.BLOCK;

    private final ManualLoop loop = new ManualLoop();
    private final RecordingConnection wire = new RecordingConnection(loop);
    private final MemoryReads store = new MemoryReads();
    private final RecordingListener listener = new RecordingListener();
    private boolean mayReceive = true;
    private int counted;
    private boolean scarce;
    private final Peer peer =
            new Peer(new TestContext(), HANDSHAKE, wire.remote(), false, Unpooled.EMPTY_BUFFER, listener);

    @Test
    void aPeerThatSendsNothingIsSnubbedRepeatedly() {
        peer.opened(wire);
        receive(PeerMessages::unchoke);
        for (int time = 1; time <= 3; time++) {
            peer.request(0, 0);
            turn(EngineLimits.SNUBBED.plusSeconds(2));
            assertThat(listener.all).filteredOn("late 0 0"::equals).hasSize(time);
            assertThat(peer.isSnubbed()).isTrue();
            assertThat(peer.requestsToSend()).as("it is asked for one block").isEqualTo(1);
        }
    }

    @Test
    void aPeerIsNotLateWhileWeDoNotRead() {
        peer.opened(wire);
        peer.setInterested(true);
        receive(PeerMessages::unchoke);
        peer.request(0, 0);
        peer.request(0, 1);
        mayReceive = false;
        receiveBlock();
        turn(EngineLimits.SILENCE.plusSeconds(31));
        assertThat(listener.all).doesNotContain("late 0 1", "closed");
        assertThat(peer.isSnubbed()).isFalse();
        mayReceive = true;
        peer.resume();
        turn(EngineLimits.SNUBBED.minusSeconds(2));
        assertThat(peer.isSnubbed()).isFalse();
        turn(Duration.ofSeconds(4));
        assertThat(peer.isSnubbed()).isTrue();
        assertThat(listener.all).contains("late 0 1").doesNotContain("closed");
    }

    @Test
    void aRequestThatManyLaterAnswersOvertakeIsLate() {
        peer.opened(wire);
        receive(PeerMessages::unchoke);
        peer.request(0, 1);
        int answers = 0;
        while (listener.all.stream().noneMatch(event -> event.startsWith("late"))) {
            int window = peer.requestsToSend();
            for (int i = 0; i < window; i++) {
                peer.request(0, 0);
            }
            for (int i = 0; i < window; i++) {
                receiveBlock();
            }
            answers += window;
            turn(Duration.ofSeconds(1));
            assertThat(answers).isLessThan(500);
        }
        assertThat(listener.all).contains("late 0 1").doesNotContain("late 0 0");
        assertThat(answers).isGreaterThan(EngineLimits.OVERTAKEN_REQUESTS);
        turn(EngineLimits.LATE_REQUEST.plusSeconds(2));
        assertThat(listener.all).contains("dropped 0 1");
    }

    @Test
    void aRequestThatIsOlderThanTheQueueExplainsIsLate() {
        peer.opened(wire);
        receive(PeerMessages::unchoke);
        peer.request(0, 0);
        turn(Duration.ofSeconds(4)); // so long is the peer's queue
        receiveBlock();
        peer.request(0, 1);
        for (int second = 0; second < 15; second++) {
            peer.request(0, 0);
            receiveBlock();
            turn(Duration.ofSeconds(1));
        }
        assertThat(listener.all).as("four times the queue").contains("late 0 1");
        assertThat(peer.isSnubbed()).isFalse();
    }

    @Test
    void slowStartEndsWhenTheRateNoLongerGrows() {
        peer.opened(wire);
        receive(PeerMessages::unchoke);
        int outstanding = 0;
        int most = 0;
        for (int blocks : new int[] {16, 32, 64, 64, 64, 64, 64, 64}) {
            for (int i = 0; i < blocks; i++) {
                for (int more = peer.requestsToSend(); more > 0; more--) {
                    peer.request(0, 0);
                    outstanding++;
                }
                receiveBlock();
                outstanding--;
            }
            most = Math.max(most, outstanding);
            turn(Duration.ofSeconds(1));
        }
        assertThat(most).as("three seconds' worth").isLessThanOrEqualTo(3 * 64);
    }

    @Test
    void aPeerThatNeverDeliversIsClosed() {
        peer.opened(wire);
        peer.setInterested(true);
        receive(PeerMessages::unchoke);
        for (int minute = 0; minute < 20 && !wire.closed; minute++) {
            for (int half = 0; half < 2; half++) {
                if (peer.requestsToSend() > 0) {
                    peer.request(0, 0);
                }
                receive(PeerMessages::keepAlive);
                turn(EngineLimits.SNUBBED.plusSeconds(2));
            }
        }
        assertThat(wire.closed).isTrue();
        assertThat(loop.now()).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(7));
    }

    @Test
    void aPeerThatChokesAtOnceInsteadOfAnsweringGetsOneRequestAndIsClosed() {
        peer.opened(wire);
        peer.setInterested(true);
        for (int time = 0; time < EngineLimits.SNUBS; time++) {
            assertThat(wire.closed).isFalse();
            int requested = chokeAfter(EngineLimits.CHOKE_ROUND.minusSeconds(1));
            assertThat(requested == 1).isEqualTo(time > 0);
        }
        turn(Duration.ofSeconds(1));
        assertThat(wire.closed).isTrue();
    }

    @Test
    void aPeerThatChokesAfterItsRoundIsKept() {
        peer.opened(wire);
        peer.setInterested(true);
        for (int time = 0; time < 2 * EngineLimits.SNUBS; time++) {
            chokeAfter(EngineLimits.CHOKE_ROUND.plusSeconds(1));
        }
        assertThat(wire.closed).as("it may have been too slow each time").isFalse();
    }

    /** @return how many blocks were requested */
    private int chokeAfter(Duration pause) {
        receive(PeerMessages::unchoke);
        int requested = peer.requestsToSend();
        for (int i = 0; i < requested; i++) {
            peer.request(0, 0);
        }
        turn(pause);
        receive(PeerMessages::choke);
        return requested;
    }

    @Test
    void anIdlePeerIsClosedOnlyWhenConnectionsAreScarce() {
        peer.opened(wire);
        for (int minute = 0; minute < 60; minute++) {
            receive(PeerMessages::keepAlive);
            turn(Duration.ofMinutes(1));
        }
        assertThat(wire.closed).isFalse();
        receive(PeerMessages::interested);
        turn(Duration.ofSeconds(1));
        receive(PeerMessages::notInterested);
        scarce = true;
        for (int minute = 0; minute < 9; minute++) {
            receive(PeerMessages::keepAlive);
            turn(Duration.ofMinutes(1));
        }
        assertThat(wire.closed).as("it was interested only now").isFalse();
        turn(Duration.ofMinutes(2));
        assertThat(wire.closed).isTrue();
    }

    @Test
    void aFastStoreIsNotReadRecursively() {
        peer.opened(wire);
        peer.setChoked(false);
        receive(out -> {
            for (int i = 0; i < EngineLimits.REQUESTS_QUEUED; i++) {
                PeerMessages.request(out, i % PIECES, 2 * (i / PIECES), 1);
            }
        });
        assertThat(wire.sent).filteredOn(sent -> sent.startsWith("block")).hasSize(EngineLimits.REQUESTS_QUEUED);
        assertThat(store.deepest).as("reads within reads").isEqualTo(1);
    }

    @Test
    void onlyWhatIsSentCountsAsUploaded() {
        peer.opened(wire);
        peer.setChoked(false);
        store.holdsBack = true;
        receive(out -> {
            PeerMessages.request(out, 0, 0, 1000);
            PeerMessages.request(out, 0, 1000, 1000);
        });
        assertThat(counted).isZero();
        peer.setChoked(true);
        store.answerAll();
        assertThat(counted).as("voided by the choke").isZero();

        peer.setChoked(false);
        receive(out -> PeerMessages.request(out, 1, 0, 1000));
        store.answerAll();
        assertThat(counted).isEqualTo(1000);
    }

    @Test
    void metadataRequestsOfASlowReaderAreNotAnswered() {
        peer.opened(wire);
        receive(out -> PeerMessages.extended(out, 0, METADATA_UNDER_3));
        wire.writable = false;
        receiveMetadataRequest();
        assertThat(listener.all).doesNotContain("metadata");
        wire.writable = true;
        receiveMetadataRequest();
        assertThat(listener.all).contains("metadata");
    }

    @Test
    void aLaterExtendedHandshakeChangesOnlyWhatItHas() {
        peer.opened(wire);
        receive(out ->
                PeerMessages.extended(out, 0, ascii("d1:md11:ut_metadatai3e11:upload_onlyi4ee4:reqqi7e1:v5:firste")));
        receive(out -> PeerMessages.extended(out, 0, ascii("d11:upload_onlyi1ee")));
        assertThat(peer.supports(Extension.METADATA)).isTrue();
        assertThat(peer.client()).isEqualTo("first");

        receive(out -> PeerMessages.extended(out, 0, ascii("d1:md11:ut_metadatai0eee")));
        assertThat(peer.supports(Extension.METADATA)).as("0 withdraws it").isFalse();
        assertThat(peer.supports(Extension.UPLOAD_ONLY)).isTrue();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void receiveMetadataRequest() {
        receive(out -> PeerMessages.extended(out, Extension.METADATA.id(), new MetadataMessage.Request(0).encode()));
    }

    @Test
    void aBitfieldMayComeAgainAndAfterAHave() {
        peer.opened(wire);
        receive(out -> PeerMessages.have(out, 1));
        receiveBitfield(0, 1, 2);
        receiveBitfield(0, 1, 2, 3);
        assertThat(listener.all).containsExactly("opened", "has 1", "has {0, 1, 2}", "has {0, 1, 2, 3}");
    }

    private void receiveBitfield(int... pieces) {
        BitSet has = new BitSet();
        for (int piece : pieces) {
            has.set(piece);
        }
        receive(out -> PeerMessages.bitfield(out, has, PIECES));
    }

    @Test
    void nothingIsReceivedOrSentAfterTheEnd() {
        peer.opened(wire);
        receive(out -> {
            PeerMessages.unchoke(out);
            PeerMessages.have(out, PIECES);
            PeerMessages.have(out, 0);
        });
        assertThat(listener.all).containsExactly("opened", "unchoked us", "closed");
        peer.request(0, 0);
        peer.sendHave(1);
        peer.flush();
        assertThat(wire.sent).isEmpty();
        assertThat(wire.closed).isTrue();
    }

    @Test
    void manyUnrequestedBlocksAreAFlood() {
        peer.opened(wire);
        for (int i = 0; i < EngineLimits.UNREQUESTED_BLOCKS; i++) {
            receiveBlock();
        }
        assertThat(wire.closed).isFalse();
        receiveBlock();
        assertThat(wire.closed).isTrue();
    }

    @Test
    void cancelledBlocksMayStillArrive() {
        peer.opened(wire);
        receive(PeerMessages::unchoke);
        for (int i = 0; i < 2 * EngineLimits.UNREQUESTED_BLOCKS; i++) {
            peer.request(0, 0);
            peer.cancelAll();
            receiveBlock();
        }
        assertThat(wire.closed).isFalse();
    }

    private void receiveBlock() {
        receive(out -> {
            PeerMessages.blockHeader(out, 0, 0, Pieces.BLOCK);
            out.writeZero(Pieces.BLOCK);
        });
    }

    private void receive(Consumer<ByteBuf> messages) {
        ByteBuf bytes = Unpooled.buffer();
        messages.accept(bytes);
        peer.received(bytes);
        bytes.release();
    }

    private void turn(Duration duration) {
        for (long second = 0; second < duration.toSeconds(); second++) {
            loop.turn(Duration.ofSeconds(1));
            peer.tick(loop.nanoTime());
        }
    }

    private final class TestContext implements TorrentContext {
        private final RateTree rates = new RateTree(loop, 0);
        private final Pieces pieces = new Pieces((long) PIECES * PIECE, PIECE);

        @Override
        public Loop loop() {
            return loop;
        }

        @Override
        public Pieces pieces() {
            return pieces;
        }

        @Override
        public Store store() {
            return store;
        }

        @Override
        public Handshake handshake() {
            return HANDSHAKE;
        }

        @Override
        public boolean mayReceive() {
            return mayReceive;
        }

        @Override
        public Share downShare() {
            return rates.share("owner");
        }

        @Override
        public Share upShare() {
            return rates.share("owner");
        }

        @Override
        public void countReceived(int bytes) {}

        @Override
        public void countSent(int bytes) {
            counted += bytes;
        }

        @Override
        public boolean areConnectionsScarce() {
            return scarce;
        }

        @Override
        public void resumeLater(Peer peer) {}

        @Override
        public boolean canServe(int piece) {
            return true;
        }
    }

    private static final class RecordingListener implements PeerListener {
        final List<String> all = new ArrayList<>();

        @Override
        public void opened() {
            all.add("opened");
        }

        @Override
        public void has(BitSet pieces) {
            all.add("has " + pieces);
        }

        @Override
        public void has(int piece) {
            all.add("has " + piece);
        }

        @Override
        public void chokedUs() {
            all.add("choked us");
        }

        @Override
        public void unchokedUs() {
            all.add("unchoked us");
        }

        @Override
        public void interestChanged() {
            all.add("interest");
        }

        @Override
        public void block(int piece, int block, ByteBuf data) {
            data.release();
        }

        @Override
        public void extension(ExtensionMessage message) {
            all.add(
                    switch (message) {
                        case ExtendedHandshake handshake -> "described";
                        case MetadataMessage metadata -> "metadata";
                        case PexMessage contacts -> "exchange";
                        case UploadOnly change -> "upload only " + change.uploadOnly();
                    });
        }

        @Override
        public void requestLate(int piece, int block) {
            all.add("late " + piece + " " + block);
        }

        @Override
        public void requestDropped(int piece, int block) {
            all.add("dropped " + piece + " " + block);
        }

        @Override
        public void readFailed() {}

        @Override
        public void readComplete() {}

        @Override
        public void closed(String reason) {
            all.add("closed");
        }
    }

    /** Has every byte, and answers within the call, as a cache does. */
    private static final class MemoryReads implements Store {
        int deepest;
        boolean holdsBack;
        private int depth;
        private final List<Runnable> heldBack = new ArrayList<>();

        void answerAll() {
            List<Runnable> answers = List.copyOf(heldBack);
            heldBack.clear();
            answers.forEach(Runnable::run);
        }

        @Override
        public void read(int piece, int begin, int length, Reader reader) {
            if (holdsBack) {
                heldBack.add(() -> reader.done(Unpooled.buffer().writeZero(length)));
                return;
            }
            deepest = Math.max(deepest, ++depth);
            reader.done(Unpooled.buffer().writeZero(length));
            depth--;
        }

        @Override
        public void attach(Executor loop, Listener listener) {}

        @Override
        public BitSet held() {
            return new BitSet();
        }

        @Override
        public boolean open(int piece) {
            return false;
        }

        @Override
        public boolean hasRoom(int piece) {
            return false;
        }

        @Override
        public void write(int piece, int begin, ByteBuffer bytes) {}

        @Override
        public void readBack(int piece, int begin, ByteBuffer into) {}

        @Override
        public boolean verified(int piece) {
            return false;
        }

        @Override
        public void discard(int piece) {}

        @Override
        public void close() {}
    }
}
