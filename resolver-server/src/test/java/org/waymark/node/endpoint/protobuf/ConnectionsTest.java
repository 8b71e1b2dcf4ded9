package org.waymark.node.endpoint.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.OPTIONS;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.key;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.record;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.endpoint.protobuf.WireClient.Received;
import org.waymark.node.resolve.Answer;
import org.waymark.v1.Failure;
import org.waymark.v1.Hello;
import org.waymark.v1.Outcome;
import org.waymark.v1.Welcome;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

@ExtendWith(NoLeaks.class)
class ConnectionsTest {

    private static final Duration SOON = Duration.ofMillis(200);
    private static final byte[] NO_PAYLOAD = {};

    private static EndpointOptions options(int maxConnections, Duration hello, Duration frame, Duration idle) {
        return new EndpointOptions(
                OPTIONS.host(),
                0,
                OPTIONS.tls(),
                maxConnections,
                OPTIONS.maxConnectionsPerSource(),
                OPTIONS.maxInFlight(),
                OPTIONS.maxBatch(),
                OPTIONS.maxFrameBytes(),
                OPTIONS.maxUnsentBytes(),
                hello,
                frame,
                idle);
    }

    private static void assertRefused(byte[] bytes, Failure.Code code, String message) throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint();
                WireClient client = new WireClient(endpoint.address())) {
            client.write(bytes);
            Received failed = client.read();
            assertThat(failed.requestId()).isZero();
            assertThat(failed.failure().getCode()).isEqualTo(code);
            assertThat(failed.failure().getMessage()).contains(message);
            assertThat(client.isClosedByNode()).isTrue();
            assertThat(endpoint.count("waymark.frames.malformed")).isEqualTo(1);
        }
    }

    private static void assertRefusedAfterHello(byte[] bytes, Failure.Code code, String message) throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint();
                WireClient client = endpoint.greeted()) {
            client.write(bytes);
            Received failed = client.read();
            assertThat(failed.requestId()).isZero();
            assertThat(failed.failure().getCode()).isEqualTo(code);
            assertThat(failed.failure().getMessage()).contains(message);
            assertThat(client.isClosedByNode()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.Kind.class)
    void everyTransportServes(Transport.Kind kind) throws IOException {
        assumeTrue(kind != Transport.Kind.EPOLL || Epoll.isAvailable());
        assumeTrue(kind != Transport.Kind.IO_URING || IoUring.isAvailable());
        try (TestEndpoint endpoint = new TestEndpoint(OPTIONS, kind);
                WireClient client = endpoint.greeted()) {
            client.write(WireClient.resolve(5, key("88.118.8/a")));
            assertThat(client.read().outcome()).isEqualTo(Outcome.RECORD);
            client.write(new byte[] {0, 0, 0, 1});
            assertThat(client.read().failure().getCode()).isEqualTo(Failure.Code.MALFORMED);
            assertThat(client.isClosedByNode()).isTrue();
        }
    }

    @Test
    void aClientIsWelcomedWithTheLimits() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint();
                WireClient client = new WireClient(endpoint.address())) {
            client.write(WireClient.hello(1, 3));

            Received received = client.read();
            Welcome welcome = Welcome.parseFrom(received.payload());

            assertThat(received.type()).isEqualTo(FrameType.WELCOME);
            assertThat(received.version()).isEqualTo(1);
            assertThat(welcome.getVersion()).isEqualTo(1);
            assertThat(welcome.getAgent()).isEqualTo("waymark-node test");
            assertThat(welcome.getMaxInFlight()).isEqualTo(100);
            assertThat(welcome.getMaxBatch()).isEqualTo(50);
        }
    }

    @Test
    void requestsMayFollowHelloAtOnce() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint();
                WireClient client = new WireClient(endpoint.address())) {
            client.write(WireClient.hello(1, 1), WireClient.resolve(5, key("88.118.8/a")));

            assertThat(client.read().type()).isEqualTo(FrameType.WELCOME);
            assertThat(client.read().requestId()).isEqualTo(5);
        }
    }

    @Test
    void framesMayComeByteByByte() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint();
                WireClient client = new WireClient(endpoint.address())) {
            for (byte b : WireClient.join(WireClient.hello(1, 1), WireClient.resolve(5, key("88.118.8/a")))) {
                client.write(new byte[] {b});
            }

            assertThat(client.read().type()).isEqualTo(FrameType.WELCOME);
            assertThat(client.read().requestId()).isEqualTo(5);
        }
    }

    @Test
    void aClientOfOtherVersionsOnlyIsRefused() throws IOException {
        assertRefused(WireClient.hello(2, 4), Failure.Code.UNSUPPORTED_VERSION, "version 1; the client speaks 2 to 4");
        assertRefused(WireClient.hello(0, 0), Failure.Code.UNSUPPORTED_VERSION, "0 to 0");
    }

    @Test
    void aHelloThatContradictsItselfIsRefused() throws IOException {
        assertRefused(WireClient.hello(2, 1), Failure.Code.MALFORMED, "lowest_version is 2");
    }

    @Test
    void aHelloThatCannotBeReadIsRefused() throws IOException {
        assertRefused(
                WireClient.frame(FrameHeader.greeting(FrameType.HELLO, 1), new byte[] {1}),
                Failure.Code.MALFORMED,
                "Hello");
        assertRefused(
                WireClient.frame(FrameHeader.greeting(FrameType.HELLO, 1), new byte[2_000]),
                Failure.Code.OVER_LIMIT,
                "2000 bytes");
        assertRefused(
                WireClient.frame(
                        FrameType.HELLO,
                        0,
                        Hello.newBuilder()
                                .setHighestVersion(1)
                                .setAgent("a".repeat(129))
                                .build()),
                Failure.Code.OVER_LIMIT,
                "agent has 129 bytes");
    }

    @Test
    void aConnectionThatDoesNotStartWithHelloIsEnded() throws IOException {
        assertRefused(WireClient.resolve(1, key("88.118.8/a")), Failure.Code.MALFORMED, "HELLO");
    }

    @Test
    void whatFollowsARefusedHelloIsIgnored() throws IOException {
        assertRefused(
                WireClient.join(WireClient.hello(2, 2), WireClient.hello(1, 1)),
                Failure.Code.UNSUPPORTED_VERSION,
                "version 1");
    }

    @Test
    void aSecondHelloEndsTheConnection() throws IOException {
        assertRefusedAfterHello(WireClient.hello(1, 1), Failure.Code.MALFORMED, "HELLO");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 17, 18, 200, 255})
    void aTypeThatNoClientSendsEndsTheConnection(int type) throws IOException {
        byte[] frame = WireClient.frame(FrameHeader.request(FrameType.INFO, 1), NO_PAYLOAD);
        frame[4] = (byte) type;
        assertRefusedAfterHello(frame, Failure.Code.MALFORMED, "frame");
    }

    @Test
    void aFrameThatIsTooLongEndsTheConnectionBeforeItIsThere() throws IOException {
        assertRefusedAfterHello(new byte[] {0, 0x10, 0, 1}, Failure.Code.OVER_LIMIT, "1048577");
    }

    @Test
    void aFrameThatIsTooShortEndsTheConnection() throws IOException {
        assertRefusedAfterHello(new byte[] {0, 0, 0, 19}, Failure.Code.MALFORMED, "19");
        assertRefusedAfterHello(new byte[] {-1, 0, 0, 19}, Failure.Code.MALFORMED, "42781");
    }

    @Test
    void theLastFrameArrivesAlthoughTheClientSentMore() throws IOException {
        byte[] more = new byte[3_000_000];
        Arrays.fill(more, (byte) 0x7F);
        try (TestEndpoint endpoint = new TestEndpoint();
                WireClient client = endpoint.greeted()) {
            client.write(new byte[] {0, 0, 0, 1});
            client.write(more);
            assertThat(client.read().failure().getCode()).isEqualTo(Failure.Code.MALFORMED);
        }
    }

    @Test
    void connectionsOverTheLimitAreClosedAtOnce() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint(
                        options(2, OPTIONS.helloTimeout(), OPTIONS.frameTimeout(), OPTIONS.idleTimeout()));
                WireClient first = endpoint.greeted()) {
            try (WireClient second = endpoint.greeted();
                    WireClient third = new WireClient(endpoint.address())) {
                assertThat(third.isClosedByNode()).isTrue();
                assertThat(endpoint.count("waymark.connections.refused")).isEqualTo(1);
                second.write(WireClient.resolve(1, key("88.118.8/a")));
                assertThat(second.read().requestId()).isEqualTo(1);
            }
            await().ignoreExceptions().untilAsserted(() -> endpoint.greeted().close());
            first.write(WireClient.resolve(1, key("88.118.8/a")));
            assertThat(first.read().requestId()).isEqualTo(1);
        }
    }

    @Test
    void aConnectionWithoutHelloIsClosedInTime() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint(options(9, SOON, OPTIONS.frameTimeout(), OPTIONS.idleTimeout()));
                WireClient client = new WireClient(endpoint.address())) {
            assertThat(client.isClosedByNode()).isTrue();
        }
    }

    @Test
    void aFrameThatIsNotCompletedInTimeEndsTheConnection() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint(options(9, OPTIONS.helloTimeout(), SOON, OPTIONS.idleTimeout()));
                WireClient client = endpoint.greeted()) {
            client.write(Arrays.copyOf(WireClient.resolve(1, key("88.118.8/a")), 30));
            assertThat(client.isClosedByNode()).isTrue();
        }
    }

    @Test
    void anIdleConnectionIsClosed() throws IOException {
        try (TestEndpoint endpoint =
                        new TestEndpoint(options(9, OPTIONS.helloTimeout(), OPTIONS.frameTimeout(), SOON));
                WireClient client = endpoint.greeted()) {
            assertThat(client.isClosedByNode()).isTrue();
        }
    }

    @Test
    void aResolverThatGivesNonsenseIsAFaultOfTheNode() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint();
                WireClient client = endpoint.greeted()) {
            endpoint.onResolve(query -> CompletableFuture.completedFuture(null));
            client.write(WireClient.resolve(1, key("88.118.8/a")));
            assertThat(client.read().outcome()).isEqualTo(Outcome.ERROR);

            endpoint.onResolve(query -> CompletableFuture.supplyAsync(() -> null));
            client.write(WireClient.resolve(2, key("88.118.8/a")));
            assertThat(client.read().outcome()).isEqualTo(Outcome.ERROR);

            endpoint.onResolve(query -> CompletableFuture.completedFuture(record("x")));
            client.write(WireClient.resolve(3, key("88.118.8/a")));
            assertThat(client.read().outcome()).isEqualTo(Outcome.RECORD);
        }
    }

    @Test
    void theNodeAnswersWhatItHasReadBeforeItGoes() throws Exception {
        ExecutorService stopper = Executors.newSingleThreadExecutor();
        CompletableFuture<Answer> slow = new CompletableFuture<>();
        try (TestEndpoint endpoint = new TestEndpoint();
                WireClient client = endpoint.greeted();
                WireClient idle = endpoint.greeted()) {
            CompletableFuture<Void> asked = new CompletableFuture<>();
            endpoint.onResolve(query -> {
                asked.complete(null);
                return slow;
            });
            client.write(WireClient.resolve(5, key("88.118.8/a")));
            asked.join();

            Future<?> stopped = stopper.submit(() -> endpoint.stop(Duration.ofSeconds(60)));

            assertThat(client.read().type()).isEqualTo(FrameType.GOODBYE);
            assertThat(idle.read().type()).isEqualTo(FrameType.GOODBYE);
            assertThat(idle.isClosedByNode()).isTrue();
            assertThatThrownBy(() -> new Socket(
                                    endpoint.address().getAddress(),
                                    endpoint.address().getPort())
                            .close())
                    .isInstanceOf(IOException.class);
            assertThat(stopped.isDone()).isFalse();
            slow.complete(record("x"));
            assertThat(client.read().requestId()).isEqualTo(5);
            assertThat(client.isClosedByNode()).isTrue();
            stopped.get();
        } finally {
            stopper.shutdownNow();
        }
    }

    @Test
    void theNodeDoesNotWaitLongerThanItIsTold() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint();
                WireClient client = endpoint.greeted()) {
            CompletableFuture<Void> asked = new CompletableFuture<>();
            endpoint.onResolve(query -> {
                asked.complete(null);
                return new CompletableFuture<>();
            });
            client.write(WireClient.resolve(5, key("88.118.8/a")));
            asked.join();

            endpoint.stop(SOON);

            assertThat(client.read().type()).isEqualTo(FrameType.GOODBYE);
            assertThat(client.isClosedByNode()).isTrue();
        }
    }

    @Test
    void aHostThatNobodyKnowsIsNamed() {
        EndpointOptions unknown = new EndpointOptions(
                "no-such-host.invalid", 1, OPTIONS.tls(), 1, 1, 1, 1, 4_096, 1 << 20, SOON, SOON, SOON);
        assertThatThrownBy(() -> new TestEndpoint(unknown).close())
                .isInstanceOf(IOException.class)
                .hasMessage("cannot listen on no-such-host.invalid:1: unknown host");
    }

    @Test
    void anAddressThatIsTakenIsNamed() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint()) {
            int port = endpoint.address().getPort();
            EndpointOptions same =
                    new EndpointOptions("127.0.0.1", port, OPTIONS.tls(), 1, 1, 1, 1, 4_096, 1 << 20, SOON, SOON, SOON);
            assertThatThrownBy(() -> new TestEndpoint(same).close())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + port);
        }
    }
}
