package org.waymark.node.endpoint.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.OPTIONS;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.key;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.record;

import com.google.protobuf.ByteString;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.waymark.node.endpoint.protobuf.WireClient.Received;
import org.waymark.v1.HistoryRequest;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterRequest;
import org.waymark.v1.ResolveManyRequest;
import org.waymark.v1.ResolveRequest;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/**
 * Whatever a client sends, the node answers it or closes the connection, loses no buffer, and serves the next client. The seed
 * is in the name of each failure, and gives the same bytes again.
 */
@ExtendWith(NoLeaks.class)
class FrameFuzzIT {

    private static final int CONNECTIONS = 1_200;
    private static final int FRAMES = 100;
    private static final int END_MARK = 0x7E57_E4D0;

    private static final List<byte[]> REQUESTS = requests();

    private static List<byte[]> requests() {
        ResolveRequest plain =
                ResolveRequest.newBuilder().setKey(key("88.118.8/a").toProto()).build();
        ResolveRequest selecting = plain.toBuilder()
                .addIndexes(1)
                .addIndexes(70_000)
                .addTypes("URL")
                .addTypes("model.")
                .build();
        return List.of(
                WireClient.frame(FrameType.RESOLVE, 1, plain),
                WireClient.frame(FrameHeader.request(FrameType.RESOLVE, 2).with(FrameHeader.AUTHORITATIVE), selecting),
                WireClient.frame(
                        FrameType.RESOLVE_MANY,
                        3,
                        ResolveManyRequest.newBuilder()
                                .addRequests(plain)
                                .addRequests(selecting)
                                .addRequests(plain)
                                .build()),
                WireClient.frame(
                        FrameType.REGISTER,
                        4,
                        RegisterRequest.newBuilder()
                                .addRecords(ByteString.copyFromUtf8("a record"))
                                .addRecords(ByteString.copyFromUtf8("another"))
                                .build()),
                WireClient.frame(
                        FrameType.HISTORY,
                        5,
                        HistoryRequest.newBuilder()
                                .setKey(key("88.118.8/a").toProto())
                                .setFromVersion(2)
                                .setLimit(3)
                                .build()),
                WireClient.frame(FrameHeader.request(FrameType.INFO, 6), new byte[0]));
    }

    @Test
    void whateverComesTheNodeAnswersOrClosesAndServesTheNextClient() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(8);
        try (TestEndpoint endpoint = new TestEndpoint(OPTIONS)) {
            endpoint.onResolve(query -> (query.hashCode() & 1) == 0
                    ? CompletableFuture.completedFuture(record("now"))
                    : CompletableFuture.supplyAsync(() -> record("later")));
            List<Future<?>> all = new java.util.ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                long seed = i;
                all.add(clients.submit(() -> oneConnection(endpoint, seed)));
            }
            for (Future<?> one : all) {
                one.get();
            }
            assertServed(endpoint);
            assertThat(endpoint.count("waymark.frames.malformed")).isGreaterThan(CONNECTIONS);
        } finally {
            clients.shutdownNow();
        }
    }

    /** Every second connection keeps the framing intact, so that all its frames are read. */
    private static void oneConnection(TestEndpoint endpoint, long seed) {
        Random random = new Random(seed);
        boolean intact = random.nextBoolean();
        byte[][] frames = new byte[FRAMES][];
        for (int i = 0; i < FRAMES; i++) {
            frames[i] = intact ? withPayload(random) : anything(random);
        }
        byte[] all = WireClient.join(frames);
        try (WireClient client =
                random.nextInt(10) == 0 && !intact ? new WireClient(endpoint.address()) : endpoint.greeted()) {
            try {
                client.write(all, WireClient.frame(FrameHeader.request(FrameType.INFO, END_MARK), new byte[0]));
                if (!intact) {
                    client.finishWriting();
                }
            } catch (UncheckedIOException | IOException e) {
                assertThat(intact)
                        .as("seed %d: closed although the framing was intact", seed)
                        .isFalse();
            }
            assertAnsweredOrClosed(client, intact, seed);
        } catch (IOException e) {
            throw new UncheckedIOException("seed " + seed, e);
        }
        if (seed % 100 == 0) {
            assertServed(endpoint);
        }
    }

    private static void assertAnsweredOrClosed(WireClient client, boolean intact, long seed) throws IOException {
        try {
            Received received = client.read();
            while (received.requestId() != END_MARK) {
                assertThat(received.type())
                        .as("seed %d", seed)
                        .isIn(
                                FrameType.WELCOME,
                                FrameType.ANSWER,
                                FrameType.REGISTERED,
                                FrameType.HISTORY_PAGE,
                                FrameType.NODE_INFO,
                                FrameType.FAILED);
                received = client.read();
            }
        } catch (EOFException | SocketException e) {
            assertThat(intact)
                    .as("seed %d: closed although the framing was intact", seed)
                    .isFalse();
        }
    }

    private static void assertServed(TestEndpoint endpoint) {
        try (WireClient client = endpoint.greeted()) {
            client.write(WireClient.resolve(5, key("88.118.8/a")));
            assertThat(client.read().outcome()).isEqualTo(Outcome.RECORD);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A request frame whose payload is mutated, cut, or random; the header fits it. */
    private static byte[] withPayload(Random random) {
        byte[] request = REQUESTS.get(random.nextInt(REQUESTS.size()));
        byte[] payload = Arrays.copyOfRange(request, FrameHeader.BYTES, request.length);
        payload = switch (random.nextInt(4)) {
            case 0 -> randomBytes(random, random.nextInt(200));
            case 1 -> Arrays.copyOf(payload, random.nextInt(payload.length + 1));
            case 2 -> WireClient.join(payload, randomBytes(random, random.nextInt(50)));
            default -> mutated(random, payload);
        };
        byte[] frame = WireClient.join(Arrays.copyOf(request, FrameHeader.BYTES), payload);
        putLength(frame);
        return frame;
    }

    private static byte[] anything(Random random) {
        byte[] request = REQUESTS.get(random.nextInt(REQUESTS.size()));
        return switch (random.nextInt(20)) {
            case 0 -> mutated(random, request);
            case 1 -> Arrays.copyOf(request, random.nextInt(request.length));
            case 2 -> randomBytes(random, random.nextInt(500));
            case 3 -> WireClient.hello(random.nextInt(3), random.nextInt(3));
            default -> withPayload(random);
        };
    }

    private static byte[] mutated(Random random, byte[] bytes) {
        byte[] mutated = bytes.clone();
        for (int i = random.nextInt(4); i >= 0 && mutated.length > 0; i--) {
            mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
        }
        return mutated;
    }

    private static byte[] randomBytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void putLength(byte[] frame) {
        java.nio.ByteBuffer.wrap(frame).putInt(frame.length - Integer.BYTES);
    }
}
