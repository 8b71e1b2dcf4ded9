package org.waymark.node.endpoint.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.NOTHING_READY;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.key;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.record;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.waymark.node.endpoint.UnsentBytes;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.metrics.Face;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Resolver;
import org.waymark.v1.NodeInfo;
import org.waymark.wire.FrameDecoder;

@ExtendWith(NoLeaks.class)
class RequestHandlerTest {

    private static final int LIMIT = 4;

    private final List<CompletableFuture<Answer>> late = new ArrayList<>();

    private static EmbeddedChannel channel(Resolver resolver) {
        EmbeddedChannel channel = new EmbeddedChannel();
        ConnectionMetrics metrics =
                new NodeMetrics(new SimpleMeterRegistry()).face(Face.PROTOBUF).connection(null);
        Outbox outbox = new Outbox(channel, new UnsentBytes(1 << 30), metrics, Clock.systemUTC());
        OpenRequests open = new OpenRequests(LIMIT);
        channel.pipeline().addLast(new FrameDecoder(4_096));
        channel.pipeline()
                .addLast(new RequestHandler(
                        afterLateAnswer -> new RequestDispatcher(
                                channel,
                                new RequestReader(10),
                                new EachThread<>(() -> NOTHING_READY.newBatch(LookUps.MOST)),
                                resolver,
                                new StubAuthority(),
                                NodeInfo::getDefaultInstance,
                                metrics,
                                open,
                                outbox,
                                afterLateAnswer),
                        open,
                        outbox,
                        metrics));
        return channel;
    }

    private EmbeddedChannel channelOfLateAnswers() {
        return channel(query -> {
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            late.add(answer);
            return answer;
        });
    }

    private static void request(EmbeddedChannel channel, int count) {
        byte[][] requests = new byte[count][];
        for (int i = 0; i < count; i++) {
            requests[i] = WireClient.resolve(i, key("88.118.8/" + i));
        }
        channel.writeInbound(Unpooled.wrappedBuffer(WireClient.join(requests)));
    }

    private static int bytesOfNextBuffer(EmbeddedChannel channel) {
        ByteBuf out = channel.readOutbound();
        int bytes = out.readableBytes();
        out.release();
        return bytes;
    }

    @Test
    void theAnswersToOneReadLeaveInOneBuffer() {
        EmbeddedChannel channel = channel(query -> CompletableFuture.completedFuture(record("0123456789")));

        request(channel, 20);

        assertThat(channel.outboundMessages()).hasSize(1);
        assertThat(bytesOfNextBuffer(channel)).isEqualTo(20 * (24 + 10));
        channel.finishAndReleaseAll();
    }

    @Test
    void lateAnswersThatWaitTogetherLeaveInOneBuffer() {
        EmbeddedChannel channel = channelOfLateAnswers();
        request(channel, 3);
        assertThat(channel.outboundMessages()).isEmpty();

        late.forEach(answer -> answer.complete(record("0123456789")));
        channel.runPendingTasks();

        assertThat(channel.outboundMessages()).hasSize(1);
        assertThat(bytesOfNextBuffer(channel)).isEqualTo(3 * (24 + 10));
        channel.finishAndReleaseAll();
    }

    @Test
    void theConnectionIsReadFromOnlyWhileMoreMayBeOpen() {
        EmbeddedChannel channel = channelOfLateAnswers();

        request(channel, LIMIT - 1);
        assertThat(channel.config().isAutoRead()).isTrue();
        request(channel, 3);
        assertThat(channel.config().isAutoRead()).isFalse();
        assertThat(late).hasSize(LIMIT);

        late.get(0).complete(record("x"));
        channel.runPendingTasks();
        assertThat(late).hasSize(LIMIT + 1);
        assertThat(channel.config().isAutoRead()).isFalse();

        late.forEach(answer -> answer.complete(record("x")));
        channel.runPendingTasks();
        assertThat(late).hasSize(LIMIT + 2);
        assertThat(channel.config().isAutoRead()).isTrue();
        channel.finishAndReleaseAll();
    }

    @Test
    void framesThatWaitAreReleasedWhenTheConnectionCloses() {
        EmbeddedChannel channel = channelOfLateAnswers();
        ByteBuf received = Unpooled.wrappedBuffer(WireClient.join(
                WireClient.resolve(1, key("88.118.8/1")),
                WireClient.resolve(2, key("88.118.8/2")),
                WireClient.resolve(3, key("88.118.8/3")),
                WireClient.resolve(4, key("88.118.8/4")),
                WireClient.resolve(5, key("88.118.8/5"))));
        channel.writeInbound(received);
        assertThat(received.refCnt()).isPositive();

        channel.close();
        channel.runPendingTasks();
        late.forEach(answer -> answer.complete(record("x")));
        channel.runPendingTasks();

        assertThat(received.refCnt()).isZero();
        assertThat(channel.outboundMessages()).isEmpty();
        channel.finishAndReleaseAll();
    }
}
