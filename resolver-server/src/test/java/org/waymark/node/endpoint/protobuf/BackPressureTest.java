package org.waymark.node.endpoint.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.OPTIONS;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.key;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.record;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.waymark.node.endpoint.protobuf.WireClient.Received;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Resolver;
import org.waymark.v1.RegisterRequest;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ResolveManyRequest;
import org.waymark.v1.ResolveRequest;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

@ExtendWith(NoLeaks.class)
class BackPressureTest {

    private static final int LIMIT = 7;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private static EndpointOptions limited() {
        return new EndpointOptions(
                OPTIONS.host(),
                0,
                OPTIONS.tls(),
                OPTIONS.maxConnections(),
                OPTIONS.maxConnectionsPerSource(),
                LIMIT,
                OPTIONS.maxBatch(),
                OPTIONS.maxFrameBytes(),
                OPTIONS.maxUnsentBytes(),
                OPTIONS.helloTimeout(),
                OPTIONS.frameTimeout(),
                OPTIONS.idleTimeout());
    }

    /** Answers a little later, and counts how many look-ups are open. */
    private Resolver counting() {
        return query -> {
            mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
            return CompletableFuture.supplyAsync(
                    () -> {
                        open.decrementAndGet();
                        return record(query.key().identifier());
                    },
                    CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS, threads));
        };
    }

    private static ResolveManyRequest many(int items) {
        ResolveManyRequest.Builder many = ResolveManyRequest.newBuilder();
        for (int i = 0; i < items; i++) {
            many.addRequests(
                    ResolveRequest.newBuilder().setKey(key("88.118.8/" + i).toProto()));
        }
        return many.build();
    }

    @Test
    void noMoreLookUpsAreOpenThanAllowed() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint(limited());
                WireClient client = endpoint.greeted()) {
            endpoint.onResolve(counting());
            byte[][] requests = new byte[500][];
            for (int i = 0; i < requests.length; i++) {
                requests[i] = WireClient.resolve(i, key("88.118.8/" + i));
            }
            client.write(requests);

            BitSet answered = new BitSet();
            for (int i = 0; i < requests.length; i++) {
                answered.set(client.read().requestId());
            }

            assertThat(answered.cardinality()).isEqualTo(500);
            assertThat(mostOpen).hasValueBetween(2, LIMIT);
        }
    }

    @Test
    void anItemOfAResolveManyCountsAsOne() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint(limited());
                WireClient client = endpoint.greeted()) {
            endpoint.onResolve(counting());
            byte[] request = WireClient.frame(FrameType.RESOLVE_MANY, 1, many(50));
            client.write(request, request, request);

            int last = 0;
            for (int i = 0; i < 150; i++) {
                last += client.read().has(FrameHeader.LAST) ? 1 : 0;
            }

            assertThat(last).isEqualTo(3);
            assertThat(mostOpen).hasValueBetween(2, LIMIT);
        }
    }

    @Test
    void aRegistrationWaitsUntilThereIsRoomForIt() throws IOException {
        try (TestEndpoint endpoint = new TestEndpoint(limited());
                WireClient client = endpoint.greeted()) {
            endpoint.authority.onRegister = records -> {
                mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
                return CompletableFuture.supplyAsync(
                        () -> {
                            open.decrementAndGet();
                            return List.of(RegisterResult.newBuilder()
                                    .setCode(RegisterResult.Code.UNCHANGED)
                                    .build());
                        },
                        CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS, threads));
            };
            byte[][] requests = new byte[50][];
            for (int i = 0; i < requests.length; i++) {
                requests[i] = WireClient.frame(
                        FrameType.REGISTER,
                        i,
                        RegisterRequest.newBuilder()
                                .addRecords(ByteString.EMPTY)
                                .build());
            }
            client.write(requests);
            for (int i = 0; i < requests.length; i++) {
                assertThat(client.read().type()).isEqualTo(FrameType.REGISTERED);
            }

            assertThat(mostOpen).hasValue(1);
        }
    }

    @Test
    void aClientThatDoesNotReadIsNotReadFrom() throws Exception {
        int requests = 20_000;
        AtomicInteger resolved = new AtomicInteger();
        byte[] payload = new byte[60_000];
        try (TestEndpoint endpoint = new TestEndpoint();
                WireClient client = endpoint.greeted()) {
            endpoint.onResolve(query -> {
                resolved.incrementAndGet();
                return CompletableFuture.completedFuture(record(payload, 1));
            });
            var writing = threads.submit(() -> {
                for (int i = 0; i < requests; i++) {
                    client.write(WireClient.resolve(i, key("88.118.8/" + i)));
                }
            });

            // What the sockets' own buffers take, and the little that the node holds: far from 1.2 GB.
            await().during(Duration.ofMillis(500)).until(() -> resolved.get(), now -> now > 0 && now < 500);

            for (int i = 0; i < requests; i++) {
                Received answer = client.read();
                assertThat(answer.requestId()).isEqualTo(i);
            }
            writing.get();
            assertThat(resolved).hasValue(requests);
        }
    }

    @Test
    void clientsThatDoNotReadAreLetGoWhenTooMuchWaitsForAllTogether() throws Exception {
        byte[] payload = new byte[60_000];
        List<WireClient> greedy = new ArrayList<>();
        try (TestEndpoint endpoint = new TestEndpoint(withUnsentBytes(EndpointOptions.LEAST_UNSENT_BYTES));
                WireClient bystander = endpoint.greeted()) {
            // Late answers: each connection has all its requests open before its first answer can't be sent.
            CompletableFuture<Answer> late = new CompletableFuture<>();
            endpoint.onResolve(query -> query.key().identifier().endsWith("small")
                    ? CompletableFuture.completedFuture(record("small"))
                    : late.thenApply(answer -> answer));
            for (int i = 0; i < 6; i++) {
                WireClient client = endpoint.greeted();
                greedy.add(client);
                // Far more than the sockets' own buffers take.
                for (int j = 0; j < 400 / 50; j++) {
                    client.write(WireClient.frame(FrameType.RESOLVE_MANY, j, many(50)));
                }
            }
            bystander.write(WireClient.resolve(1, key("88.118.8/small")));
            assertThat(bystander.read().requestId()).isEqualTo(1);
            late.complete(record(payload, 1));

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> endpoint.count("waymark.connections.slow") > 0
                            && endpoint.meters
                                            .get("waymark.unsent.bytes")
                                            .gauge()
                                            .value()
                                    <= EndpointOptions.LEAST_UNSENT_BYTES + greedy.size() * 512 * 1_024);
            bystander.write(WireClient.resolve(2, key("88.118.8/small")));
            assertThat(bystander.read().requestId()).isEqualTo(2);
        } finally {
            for (WireClient client : greedy) {
                client.close();
            }
        }
    }

    private static EndpointOptions withUnsentBytes(long bytes) {
        return new EndpointOptions(
                OPTIONS.host(),
                0,
                OPTIONS.tls(),
                OPTIONS.maxConnections(),
                OPTIONS.maxConnectionsPerSource(),
                400,
                OPTIONS.maxBatch(),
                OPTIONS.maxFrameBytes(),
                bytes,
                OPTIONS.helloTimeout(),
                OPTIONS.frameTimeout(),
                OPTIONS.idleTimeout());
    }

    @Test
    void anotherClientIsServedMeanwhile() throws Exception {
        byte[] payload = new byte[60_000];
        try (TestEndpoint endpoint = new TestEndpoint();
                WireClient greedy = endpoint.greeted();
                WireClient other = endpoint.greeted()) {
            endpoint.onResolve(query -> CompletableFuture.completedFuture(record(payload, 1)));
            byte[] request = WireClient.frame(FrameType.RESOLVE_MANY, 1, many(50));
            for (int i = 0; i < 10; i++) {
                greedy.write(request);
            }
            other.write(WireClient.resolve(5, key("88.118.8/a")));

            assertThat(other.read().requestId()).isEqualTo(5);
            for (int i = 0; i < 500; i++) {
                assertThat(greedy.read().payload()).hasSize(60_000);
            }
        }
    }

    @Test
    void lateAnswersForAClientThatLeftAreDropped() throws IOException {
        CompletableFuture<Answer> slow = new CompletableFuture<>();
        AtomicInteger asked = new AtomicInteger();
        try (TestEndpoint endpoint = new TestEndpoint(limited())) {
            endpoint.onResolve(query -> {
                asked.incrementAndGet();
                return slow;
            });
            try (WireClient client = endpoint.greeted()) {
                for (int i = 0; i < 50; i++) {
                    client.write(WireClient.resolve(i, key("88.118.8/a")));
                }
                await().until(() -> asked.get() == LIMIT);
            }
            await().until(() ->
                    endpoint.meters.get("waymark.connections").gauge().value() == 0);
            slow.complete(record("x"));
            endpoint.onResolve(query -> CompletableFuture.completedFuture(record("y")));
            try (WireClient client = endpoint.greeted()) {
                client.write(WireClient.resolve(1, key("88.118.8/a")));
                assertThat(client.read().requestId()).isEqualTo(1);
            }
            assertThat(asked).hasValue(LIMIT);
        }
    }
}
