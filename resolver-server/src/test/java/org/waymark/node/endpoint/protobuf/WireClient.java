package org.waymark.node.endpoint.protobuf;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.waymark.record.RecordKey;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Failure;
import org.waymark.v1.Hello;
import org.waymark.v1.Outcome;
import org.waymark.v1.ResolveRequest;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/** A client that writes and reads frames as a test says, right or wrong. */
final class WireClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Socket socket;
    private final DataInputStream in;

    WireClient(InetSocketAddress address) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 64 * 1_024));
    }

    /** A connection that has been greeted. */
    static WireClient greeted(InetSocketAddress address) throws IOException {
        WireClient client = new WireClient(address);
        client.write(hello(1, 1));
        Received welcome = client.read();
        if (welcome.type() != FrameType.WELCOME) {
            throw new IOException("no WELCOME but " + welcome);
        }
        return client;
    }

    static byte[] hello(int lowest, int highest) {
        return frame(
                FrameHeader.greeting(FrameType.HELLO, highest),
                Hello.newBuilder()
                        .setLowestVersion(lowest)
                        .setHighestVersion(highest)
                        .setAgent("test")
                        .build());
    }

    static byte[] resolve(int requestId, RecordKey key) {
        return frame(
                FrameHeader.request(FrameType.RESOLVE, requestId),
                ResolveRequest.newBuilder().setKey(key.toProto()).build());
    }

    static byte[] frame(FrameType type, int requestId, MessageLite payload) {
        return frame(FrameHeader.request(type, requestId), payload);
    }

    static byte[] frame(FrameHeader header, MessageLite payload) {
        return frame(header, payload.toByteArray());
    }

    static byte[] frame(FrameHeader header, byte[] payload) {
        ByteBuf out = Unpooled.buffer(FrameHeader.BYTES + payload.length);
        header.write(out, payload.length);
        out.writeBytes(payload);
        return Arrays.copyOf(out.array(), out.readableBytes());
    }

    static byte[] join(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    void write(byte[]... frames) {
        try {
            socket.getOutputStream().write(join(frames));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void finishWriting() throws IOException {
        socket.shutdownOutput();
    }

    /** The next frame. */
    Received read() throws IOException {
        int length = in.readInt();
        int word = in.readInt();
        int requestId = in.readInt();
        int item = in.readInt();
        int life = in.readInt();
        int version = in.readInt();
        byte[] payload = new byte[length - FrameHeader.BYTES_AFTER_LENGTH];
        in.readFully(payload);
        return new Received(
                FrameType.ofCode(word >>> 24),
                word >> 16 & 0xFF,
                word >> 8 & 0xFF,
                word & 0xFF,
                requestId,
                item,
                Integer.toUnsignedLong(life),
                version,
                payload);
    }

    /** True where the node closes the connection without sending another frame. */
    boolean isClosedByNode() throws IOException {
        try {
            return in.read() < 0;
        } catch (EOFException | SocketException e) {
            return true;
        }
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A frame from the node. */
    record Received(
            FrameType type,
            int flags,
            int outcomeNumber,
            int source,
            int requestId,
            int item,
            long lifeMillis,
            int version,
            byte[] payload) {

        Outcome outcome() {
            return Outcome.forNumber(outcomeNumber);
        }

        boolean has(int flag) {
            return (flags & flag) != 0;
        }

        Failure failure() throws IOException {
            if (type != FrameType.FAILED) {
                throw new IOException("no FAILED but " + this);
            }
            return Failure.parseFrom(payload);
        }

        AnswerDetail detail() throws IOException {
            return AnswerDetail.parseFrom(payload);
        }
    }
}
