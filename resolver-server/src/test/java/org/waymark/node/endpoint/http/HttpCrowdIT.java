package org.waymark.node.endpoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many clients that want nothing, or want it slowly, beside one that resolves. */
class HttpCrowdIT {

    private static final int WANTED = 10_000;
    /** Files that the node, its registry and the test have open beside the connections. */
    private static final int OTHER_FILES = 1_500;

    private static final int SLOW = 50;
    private static final long MOST_BYTES_EACH = 16 * 1_024;
    private static final byte[] GET =
            "GET /88.118.8 HTTP/1.1\r\nHost: node\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path home;

    private final List<SocketChannel> connections = new ArrayList<>();

    private SocketChannel connect(TestNode node) throws IOException {
        SocketChannel channel = SocketChannel.open(
                new InetSocketAddress("127.0.0.1", node.uri("/").getPort()));
        connections.add(channel);
        return channel;
    }

    private void closeAll() throws IOException {
        for (SocketChannel connection : connections) {
            connection.close();
        }
    }

    private static double metric(TestNode node, String name) {
        return node.meters.find(name).tag("face", "http").meters().stream()
                .flatMap(meter -> StreamSupport.stream(meter.measure().spliterator(), false))
                .mapToDouble(measurement -> measurement.getValue())
                .sum();
    }

    @Test
    void clientsThatSendTooSlowlyAreLetGoWhileOthersAreAnswered() throws Exception {
        try (TestNode node = new TestNode(home, "http.headerSeconds=1", "http.bodySeconds=1")) {
            for (int i = 0; i < SLOW; i++) {
                String start = i % 2 == 0
                        ? "GET /88.118.8 HTTP/1.1\r\nHost: node\r\nX: "
                        : "POST /api/records HTTP/1.1\r\nHost: node\r\nContent-Type: application/protobuf\r\n"
                                + "Content-Length: 10000\r\n\r\n";
                connect(node).write(ByteBuffer.wrap(start.getBytes(StandardCharsets.US_ASCII)));
            }
            for (SocketChannel slow : connections) {
                slow.configureBlocking(false);
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> {
                        assertThat(node.get("/88.118.8").statusCode()).isEqualTo(200);
                        drip();
                        return metric(node, "waymark.connections.slow") >= SLOW;
                    });
            assertThat(node.get("/88.118.8").statusCode()).isEqualTo(200);
        } finally {
            closeAll();
        }
    }

    /** One more byte on each connection that is still open: of a header field, or of a record. */
    private void drip() {
        for (int i = 0; i < connections.size(); i++) {
            try {
                connections.get(i).write(ByteBuffer.wrap(new byte[] {(byte) (i % 2 == 0 ? 'x' : 0x0A)}));
            } catch (IOException e) {
                // It was let go.
            }
        }
    }

    @Test
    void thousandsOfIdleConnectionsCostLittle() throws Exception {
        long files =
                ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getMaxFileDescriptorCount();
        // Both ends of a connection are in this process.
        int count = (int) Math.min(WANTED, (files - OTHER_FILES) / 2);
        assertThat(count).as("connections that this machine allows").isPositive();
        try (TestNode node = new TestNode(home, "http.idleSeconds=3600", "http.maxConnectionsPerSource=16384")) {
            node.get("/88.118.8");
            long before = usedBytes();
            for (int i = 0; i < count; i++) {
                SocketChannel channel = connect(node);
                channel.write(ByteBuffer.wrap(GET));
                ByteBuffer answer = ByteBuffer.allocate(16);
                while (answer.position() < 15) {
                    assertThat(channel.read(answer)).isPositive();
                }
                assertThat(new String(answer.array(), 0, 15, StandardCharsets.US_ASCII))
                        .isEqualTo("HTTP/1.1 200 OK");
            }
            assertThat(metric(node, "waymark.connections")).isGreaterThanOrEqualTo(count);
            for (int i = 0; i < 100; i++) {
                assertThat(node.get("/88.118.8").statusCode()).isEqualTo(200);
            }
            assertThat((usedBytes() - before) / count).isLessThan(MOST_BYTES_EACH);
        } finally {
            closeAll();
        }
    }

    private static long usedBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(pool -> pool.getMemoryUsed())
                .sum();
        return runtime.totalMemory() - runtime.freeMemory() + direct;
    }
}
