package org.waymark.node.endpoint.handle;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;

/** A TCP client that sends bytes as they are and reads whole messages. */
final class TestClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final DataInputStream in;

    /** A message as it came, with its envelope. */
    record Received(byte[] bytes) {

        private int integer(int at) {
            return ByteBuffer.wrap(bytes).getInt(at);
        }

        int requestId() {
            return integer(Envelope.REQUEST_ID_AT);
        }

        int code() {
            return integer(Envelope.BYTES + 4);
        }

        /** Without the expiration, which tells when it was written. */
        byte[] timeless() {
            byte[] copy = bytes.clone();
            ByteBuffer.wrap(copy).putInt(36, 0);
            return copy;
        }
    }

    TestClient(InetSocketAddress address) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    void write(byte[]... messages) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(1 << 20);
        for (byte[] message : messages) {
            all.put(message);
        }
        socket.getOutputStream().write(all.array(), 0, all.position());
    }

    Received read() throws IOException {
        byte[] envelope = new byte[Envelope.BYTES];
        in.readFully(envelope);
        byte[] message = new byte[Envelope.BYTES + ByteBuffer.wrap(envelope).getInt(Envelope.LENGTH_AT)];
        System.arraycopy(envelope, 0, message, 0, envelope.length);
        in.readFully(message, Envelope.BYTES, message.length - Envelope.BYTES);
        return new Received(message);
    }

    boolean isClosedByPeer() throws IOException {
        return in.read() < 0;
    }

    void finishWriting() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
