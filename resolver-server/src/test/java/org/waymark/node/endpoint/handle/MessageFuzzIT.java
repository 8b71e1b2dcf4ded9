package org.waymark.node.endpoint.handle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.waymark.node.endpoint.UnsentBytes;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.metrics.Face;
import org.waymark.node.metrics.NodeMetrics;

/**
 * A million messages, made from the corpus in {@code fuzz/handle-requests.txt} by changing bytes, lengths and ends: each is answered
 * once, under its own request's id, and reading it takes no more memory than its own size allows. The seed is in the name of each
 * failure, and gives the same message again.
 */
class MessageFuzzIT {

    private static final int MESSAGES = 1_000_000;
    private static final long OBJECTS_OF_A_REQUEST = 8_192;

    private static final List<byte[]> CORPUS = corpus();

    private static List<byte[]> corpus() {
        try (InputStream in = MessageFuzzIT.class.getResourceAsStream("/fuzz/handle-requests.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Messages::hex)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A message of the corpus with some bytes changed, cut or made longer; its envelope is that of its bytes. */
    private static byte[] message(long seed) {
        Random random = new Random(seed);
        byte[] seedling = CORPUS.get(random.nextInt(CORPUS.size()));
        byte[] message = Arrays.copyOf(
                seedling,
                switch (random.nextInt(6)) {
                    case 0 -> Envelope.BYTES + random.nextInt(seedling.length - Envelope.BYTES + 1);
                    case 1 -> seedling.length + random.nextInt(64);
                    default -> seedling.length;
                });
        for (int i = random.nextInt(5); i > 0; i--) {
            int at = random.nextInt(message.length);
            if (random.nextInt(3) == 0 && at + 4 <= message.length) {
                int[] edges = {-1, 0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 256, 257, random.nextInt(100)};
                ByteBuffer.wrap(message).putInt(at, edges[random.nextInt(edges.length)]);
            } else {
                message[at] = (byte) random.nextInt();
            }
        }
        ByteBuffer.wrap(message).putInt(Envelope.LENGTH_AT, message.length - Envelope.BYTES);
        ByteBuffer.wrap(message).putInt(Envelope.REQUEST_ID_AT, (int) seed);
        return message;
    }

    @Test
    void everyMessageIsAnsweredOnceUnderItsOwnId() {
        Requests requests = new Requests(
                query -> CompletableFuture.completedFuture(TestFace.answer()),
                new AnswerWriter(Clock.systemUTC(), () -> ByteString.EMPTY),
                null,
                null);
        ConnectionMetrics metrics =
                new NodeMetrics(new SimpleMeterRegistry()).face(Face.HANDLE).connection(null);
        HandleOptions options = TestFace.usual();
        UnsentBytes unsent = new UnsentBytes(1 << 30);
        EmbeddedChannel channel = new EmbeddedChannel();
        LoopState loop =
                new LoopState(channel.eventLoop(), options, TestFace.alwaysReady(TestFace.ANSWER), Clock.systemUTC());
        channel.pipeline().addLast(new HandleConnection(options, loop, requests, unsent, metrics));
        int successes = 0;
        for (int seed = 0; seed < MESSAGES; seed++) {
            channel.writeInbound(Unpooled.wrappedBuffer(message(seed)));
            ByteBuf answer = channel.readOutbound();
            if (answer == null
                    || answer.getInt(Envelope.REQUEST_ID_AT) != seed
                    || answer.getInt(Envelope.LENGTH_AT) != answer.readableBytes() - Envelope.BYTES) {
                fail("seed %d has no answer of its own", seed);
            }
            successes += answer.getInt(Envelope.BYTES + 4) == ResponseCode.SUCCESS.number() ? 1 : 0;
            answer.release();
            if (channel.readOutbound() != null) {
                fail("seed %d has a second answer", seed);
            }
        }
        channel.checkException();
        assertThat(channel.isOpen()).isTrue();
        assertThat(successes).isBetween(MESSAGES / 10, MESSAGES * 9 / 10);
        channel.close();
    }

    @Test
    void readingAMessageTakesNoMoreThanItsSizeAllows() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (long seed = 0; seed < MESSAGES; seed++) {
            byte[] message = message(seed);
            long before = threads.getCurrentThreadAllocatedBytes();
            HandleRequest request = Messages.decode(message);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            boolean isWarm = seed > 10_000;
            if (request == null || isWarm && allocated >= OBJECTS_OF_A_REQUEST + 16L * message.length) {
                fail("seed %d of %d bytes took %d bytes", seed, message.length, allocated);
            }
        }
    }
}
