package org.waymark.node.endpoint.handle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BranchAwayException;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.UnavailableException;

class HandleConnectionTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(300);

    @Test
    void aConnectionStaysOpenAndAnswersNameTheirRequests() throws Exception {
        try (TestFace face = new TestFace(TestFace.usual());
                TestClient client = new TestClient(face.address())) {
            Queue<CompletableFuture<Answer>> asked = new ConcurrentLinkedQueue<>();
            face.onResolve(query -> {
                CompletableFuture<Answer> later = new CompletableFuture<>();
                asked.add(later);
                return later;
            });
            client.write(Messages.resolve(1, "88.118.8/A"), Messages.resolve(2, "88.118.8/B"));
            await().until(() -> asked.size() == 2);
            CompletableFuture<Answer> first = asked.remove();
            asked.remove().complete(TestFace.answer());
            assertThat(client.read().requestId()).isEqualTo(2);
            first.complete(TestFace.answer());
            assertThat(client.read().requestId()).isEqualTo(1);
        }
    }

    @Test
    void bothWaysGiveTheSameBytes() throws Exception {
        try (TestFace longWay = new TestFace(TestFace.usual());
                TestFace shortWay = new TestFace(TestFace.usual(), TestFace.alwaysReady(TestFace.ANSWER));
                TestClient one = new TestClient(longWay.address());
                TestClient other = new TestClient(shortWay.address())) {
            shortWay.onResolve(query -> CompletableFuture.failedFuture(new AssertionError("the answer is ready")));
            byte[] versionThree = Messages.resolve(3, "88.118.8/PUMP");
            ByteBuffer.wrap(versionThree).putInt(0, 0x0300_0300);
            for (byte[] message : new byte[][] {
                Messages.resolve(1, "88.118.8/PUMP"), Messages.resolve(-5, 0, "88.118.8/PUMP"), versionThree
            }) {
                one.write(message);
                other.write(message);
                assertThat(other.read().timeless()).isEqualTo(one.read().timeless());
            }
            assertThat(shortWay.count("waymark.resolutions")).isEqualTo(3);
            assertThat(longWay.count("waymark.resolutions")).isEqualTo(3);
        }
    }

    @Test
    void bytesMayComeOneByOne() throws Exception {
        try (TestFace face = new TestFace(TestFace.usual());
                TestClient client = new TestClient(face.address())) {
            byte[] both = new byte[2 * Messages.GOLDEN_REQUEST.length];
            System.arraycopy(Messages.GOLDEN_REQUEST, 0, both, 0, both.length / 2);
            System.arraycopy(Messages.GOLDEN_REQUEST, 0, both, both.length / 2, both.length / 2);
            for (byte next : both) {
                client.write(new byte[] {next});
            }
            assertThat(client.read().requestId()).isEqualTo(0x30AA_E4BB);
            assertThat(client.read().code()).isEqualTo(ResponseCode.SUCCESS.number());
        }
    }

    @Test
    void noMoreRequestsAreOpenThanMayBeAndAllAreAnswered() throws Exception {
        try (TestFace face = new TestFace(TestFace.options(10, 3, MINUTE, MINUTE, MINUTE, 1 << 30));
                TestClient client = new TestClient(face.address())) {
            Queue<CompletableFuture<Answer>> asked = new ConcurrentLinkedQueue<>();
            face.onResolve(query -> {
                CompletableFuture<Answer> later = new CompletableFuture<>();
                asked.add(later);
                return later;
            });
            for (int i = 1; i <= 10; i++) {
                client.write(Messages.resolve(i, "88.118.8/A"));
            }
            Set<Integer> answered = new HashSet<>();
            while (answered.size() < 10) {
                int waiting = Math.min(3, 10 - answered.size());
                await().until(() -> asked.size() >= waiting);
                assertThat(asked).hasSizeLessThanOrEqualTo(3);
                asked.remove().complete(TestFace.answer());
                answered.add(client.read().requestId());
            }
        }
    }

    @Test
    void whatFailsHasItsCode() throws Exception {
        try (TestFace face = new TestFace(TestFace.usual());
                TestClient client = new TestClient(face.address())) {
            face.onResolve(query -> CompletableFuture.failedFuture(new BusyException("busy")));
            client.write(Messages.resolve(1, "88.118.8/A"));
            assertThat(client.read().code()).isEqualTo(ResponseCode.BUSY.number());
            face.onResolve(query -> CompletableFuture.failedFuture(new UnavailableException("away", null)));
            client.write(Messages.resolve(1, "88.118.8/A"));
            assertThat(client.read().code()).isEqualTo(ResponseCode.ERROR.number());
            client.write(Messages.message(9, 105, Messages.USUAL_FLAGS, new byte[0]));
            assertThat(client.read().code()).isEqualTo(ResponseCode.NOT_SUPPORTED.number());
            assertThat(face.count("waymark.frames.malformed")).isEqualTo(1);
        }
    }

    @Test
    void anotherNodeThatIsAwayIsToldApartFromTheRegistry() throws Exception {
        try (TestFace face = new TestFace(TestFace.usual());
                TestClient client = new TestClient(face.address())) {
            face.onResolve(query -> CompletableFuture.failedFuture(new BranchAwayException("88.118 is silent", null)));
            client.write(Messages.resolve(1, "88.118.8/A"));
            assertThat(new String(client.read().bytes(), StandardCharsets.UTF_8))
                    .contains("88.118 is silent");
        }
    }

    @Test
    void aMessageThatIsTooLongIsAnsweredAndEndsTheConnection() throws Exception {
        try (TestFace face = new TestFace(TestFace.usual());
                TestClient client = new TestClient(face.address())) {
            byte[] message = Arrays.copyOf(Messages.GOLDEN_REQUEST, 40_000);
            ByteBuffer.wrap(message).putInt(Envelope.LENGTH_AT, 1 << 20);
            client.write(message);

            assertThat(client.read().code()).isEqualTo(ResponseCode.PROTOCOL_ERROR.number());
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void aMessageOfTheLargestSizeIsRead() throws Exception {
        try (TestFace face = new TestFace(TestFace.usual());
                TestClient client = new TestClient(face.address())) {
            byte[] trailing = new byte[HandleConnection.MOST_MESSAGE_BYTES - 28];
            ByteBuffer.wrap(trailing)
                    .putInt(12)
                    .put("88.118/PART7".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            client.write(Messages.message(1, OpCode.RESOLVE, 0, trailing), Messages.resolve(2, "88.118.8/A"));

            assertThat(client.read().code()).isEqualTo(ResponseCode.SUCCESS.number());
            assertThat(client.read().requestId()).isEqualTo(2);
        }
    }

    @Test
    void oneConnectionTooManyIsClosed() throws Exception {
        try (TestFace face = new TestFace(TestFace.options(1, 3, MINUTE, MINUTE, MINUTE, 1 << 30));
                TestClient client = new TestClient(face.address())) {
            client.write(Messages.GOLDEN_REQUEST);
            client.read();
            try (TestClient second = new TestClient(face.address())) {
                assertThat(isEnded(second)).isTrue();
            }
            assertThat(face.count("waymark.connections.refused")).isEqualTo(1);
        }
    }

    private static boolean isEnded(TestClient client) throws IOException {
        try {
            return client.isClosedByPeer();
        } catch (SocketException e) {
            return true;
        }
    }

    @Test
    void aMessageThatIsNotCompletedEndsTheConnection() throws Exception {
        try (TestFace face = new TestFace(TestFace.options(10, 3, SHORT, MINUTE, MINUTE, 1 << 30));
                TestClient client = new TestClient(face.address())) {
            client.write(Messages.GOLDEN_REQUEST, Arrays.copyOf(Messages.GOLDEN_REQUEST, 30));
            client.read();
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void anIdleConnectionIsClosedSoonerThanOneThatWasToStayOpen() throws Exception {
        try (TestFace face = new TestFace(TestFace.options(10, 3, MINUTE, SHORT, MINUTE, 1 << 30));
                TestClient idle = new TestClient(face.address());
                TestClient kept = new TestClient(face.address())) {
            kept.write(Messages.resolve(1, Messages.USUAL_FLAGS | OpFlags.KEEP_ALIVE, "88.118.8/A"));
            kept.read();
            idle.write(Messages.GOLDEN_REQUEST);
            idle.read();
            assertThat(idle.isClosedByPeer()).isTrue();

            kept.write(Messages.resolve(2, "88.118.8/A"));
            assertThat(kept.read().requestId()).isEqualTo(2);
        }
    }

    @Test
    void clientsThatTakeNothingAreLetGo() throws Exception {
        try (TestFace face = new TestFace(TestFace.usual());
                TestClient slow = new TestClient(face.address())) {
            byte[] message = Messages.resolve(1, "88.118.8/PUMP");
            byte[] many = new byte[message.length * 1_000];
            for (int i = 0; i < 1_000; i++) {
                System.arraycopy(message, 0, many, i * message.length, message.length);
            }
            boolean[] blocked = new boolean[1];
            Thread writer = new Thread(() -> {
                try {
                    for (int i = 0; i < 400; i++) {
                        slow.write(many);
                    }
                } catch (IOException e) {
                    blocked[0] = true;
                }
            });
            writer.setDaemon(true);
            writer.start();
            // One client can't make the node hold more than its own share, so the node serves the others.
            try (TestClient other = new TestClient(face.address())) {
                for (int i = 0; i < 100; i++) {
                    other.write(Messages.resolve(i, "88.118.8/PUMP"));
                    assertThat(other.read().requestId()).isEqualTo(i);
                }
            }
            assertThat(face.meters.get("waymark.handle.unsent.bytes").gauge().value())
                    .isLessThan(1_024 * 1_024);
        }
    }

    @Test
    void whatWasReadIsAnsweredBeforeTheNodeGoesAway() throws Exception {
        try (TestFace face = new TestFace(TestFace.usual());
                TestClient client = new TestClient(face.address())) {
            CompletableFuture<Answer> later = new CompletableFuture<>();
            CompletableFuture<Void> asked = new CompletableFuture<>();
            face.onResolve(query -> {
                asked.complete(null);
                return later;
            });
            client.write(Messages.GOLDEN_REQUEST);
            asked.join();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> face.stop(MINUTE));
            later.completeOnTimeout(TestFace.answer(), 100, java.util.concurrent.TimeUnit.MILLISECONDS);

            assertThat(client.read().code()).isEqualTo(ResponseCode.SUCCESS.number());
            assertThat(isEnded(client)).isTrue();
            stopped.join();
        } catch (EOFException e) {
            throw new AssertionError("closed without the answer", e);
        }
    }
}
