package org.waymark.node.endpoint.handle;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.waymark.node.TestParties;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.Suite;
import org.waymark.v1.Outcome;
import org.waymark.wire.AnswerSource;

/** The Handle face on the loopback interface over a resolver that does as a test says. */
final class TestFace implements AutoCloseable {

    static final TestParties PARTIES = new TestParties(Suite.ED25519);
    static final IdentifierRecord PUMP = PARTIES.maker.sign(PARTIES.maker.itemDraft("PUMP"));

    /** Its life is so long that both ways see the same number of seconds. */
    static final StoredAnswer ANSWER = new StoredAnswer(
            Outcome.RECORD,
            PUMP.encoded().toByteArray(),
            1,
            Long.MAX_VALUE,
            PARTIES.prefixRecords().get(1).key());

    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Transport transport;
    private final HandleEndpoint endpoint;
    private volatile Resolver resolver = query -> CompletableFuture.completedFuture(answer());

    static Answer answer() {
        return Answer.of(ANSWER, AnswerSource.NEAR_CACHE);
    }

    static HandleOptions options(
            int maxConnections, int maxInFlight, Duration message, Duration idle, Duration keepAlive, long udpRate) {
        return new HandleOptions(
                true,
                "127.0.0.1",
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                maxConnections,
                maxConnections,
                maxInFlight,
                HandleOptions.LEAST_UNSENT_BYTES,
                message,
                idle,
                keepAlive,
                true,
                1_024,
                udpRate);
    }

    static HandleOptions usual() {
        Duration minute = Duration.ofMinutes(1);
        return options(1_000, 100, minute, minute, minute, 1 << 30);
    }

    TestFace(HandleOptions options) throws IOException {
        this(options, nothingReady());
    }

    TestFace(HandleOptions options, ReadyAnswers ready) throws IOException {
        transport = Transport.open(Transport.Kind.AUTO, 2);
        endpoint = new HandleEndpoint(
                options,
                transport,
                query -> resolver.resolve(query),
                ready,
                null,
                Optional.empty(),
                new NodeMetrics(meters),
                Clock.systemUTC());
        try {
            endpoint.start();
        } catch (IOException e) {
            transport.close();
            throw e;
        }
    }

    void onResolve(Resolver resolver) {
        this.resolver = resolver;
    }

    InetSocketAddress address() {
        return endpoint.address();
    }

    void stop(Duration drain) {
        endpoint.stop(drain);
    }

    double count(String meter) {
        return meters.get(meter).tag("face", "handle").counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @Override
    public void close() {
        endpoint.stop(Duration.ZERO);
        transport.close();
    }

    static ReadyAnswers nothingReady() {
        return most -> new Ready(null);
    }

    /** Has this answer to whatever is asked. */
    static ReadyAnswers alwaysReady(StoredAnswer answer) {
        return most -> new Ready(answer);
    }

    private record Ready(StoredAnswer answer) implements ReadyAnswers.Batch {

        @Override
        public void clear() {}

        @Override
        public void add(byte[] bytes, int offset, int length) {}

        @Override
        public void locate() {}

        @Override
        public ByteBuffer payload(int lookup) {
            return answer == null ? null : ByteBuffer.wrap(answer.payload());
        }

        @Override
        public Outcome outcome() {
            return answer.outcome();
        }

        @Override
        public RecordKey owner() {
            return answer.owner();
        }

        @Override
        public long lifeMillis() {
            return answer.lifeMillis(System.currentTimeMillis());
        }

        @Override
        public boolean isIntact() {
            return true;
        }
    }
}
