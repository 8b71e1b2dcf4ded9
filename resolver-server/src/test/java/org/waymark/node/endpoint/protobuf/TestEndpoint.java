package org.waymark.node.endpoint.protobuf;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.waymark.identifier.Scheme;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;
import org.waymark.v1.NodeInfo;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.wire.AnswerSource;

/** An endpoint on the loopback interface over a resolver and an authority that do as a test says. */
final class TestEndpoint implements AutoCloseable {

    static final EndpointOptions OPTIONS = new EndpointOptions(
            "127.0.0.1",
            0,
            Optional.empty(),
            1_000,
            1_000,
            100,
            50,
            1_024 * 1_024,
            64 * 1_024 * 1_024,
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1));

    /** Lets every request go the long way. */
    static final ReadyAnswers NOTHING_READY = most -> new ReadyAnswers.Batch() {
        @Override
        public void clear() {}

        @Override
        public void add(byte[] bytes, int offset, int length) {}

        @Override
        public void locate() {}

        @Override
        public ByteBuffer payload(int lookup) {
            return null;
        }

        @Override
        public Outcome outcome() {
            throw new IllegalStateException("nothing was returned");
        }

        @Override
        public RecordKey owner() {
            throw new IllegalStateException("nothing was returned");
        }

        @Override
        public long lifeMillis() {
            throw new IllegalStateException("nothing was returned");
        }

        @Override
        public boolean isIntact() {
            throw new IllegalStateException("nothing was returned");
        }
    };

    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final StubAuthority authority = new StubAuthority();
    private final Transport transport;
    private final ProtobufEndpoint endpoint;
    private volatile Resolver resolver = query ->
            CompletableFuture.completedFuture(record("about " + query.key().identifier()));

    TestEndpoint() throws IOException {
        this(OPTIONS);
    }

    TestEndpoint(EndpointOptions options) throws IOException {
        this(options, Transport.Kind.AUTO);
    }

    TestEndpoint(EndpointOptions options, Transport.Kind kind) throws IOException {
        transport = Transport.open(kind, 2);
        endpoint = new ProtobufEndpoint(
                options,
                transport,
                query -> resolver.resolve(query),
                NOTHING_READY,
                authority,
                () -> NodeInfo.newBuilder()
                        .setSoftware("waymark-node test")
                        .setReady(true)
                        .build(),
                new NodeMetrics(meters));
        try {
            endpoint.start();
        } catch (IOException e) {
            transport.close();
            throw e;
        }
    }

    static RecordKey key(String identifier) {
        return RecordKey.of(RecordKind.ITEM, Scheme.VAA, identifier);
    }

    /** An answer with this text as its payload, that may be kept for a minute. */
    static Answer record(String text) {
        return record(text.getBytes(StandardCharsets.UTF_8), System.currentTimeMillis() + 60_000);
    }

    static Answer record(byte[] payload, long expiresAt) {
        return Answer.of(new StoredAnswer(Outcome.RECORD, payload, 7, expiresAt, null), AnswerSource.NEAR_CACHE);
    }

    void onResolve(Resolver resolver) {
        this.resolver = resolver;
    }

    InetSocketAddress address() {
        return endpoint.address();
    }

    WireClient greeted() throws IOException {
        return WireClient.greeted(address());
    }

    void stop(Duration drain) {
        endpoint.stop(drain);
    }

    double count(String meter) {
        return meters.get(meter).counter().count();
    }

    @Override
    public void close() {
        endpoint.stop(Duration.ZERO);
        transport.close();
    }
}
