package org.waymark.node;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.waymark.Limits;
import org.waymark.record.RecordKey;
import org.waymark.v1.ResolveRequest;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/** Stands between clients and a node, sees all that the node sends, and may change the answers to single look-ups. */
public final class AnswerProxy implements AutoCloseable {

    // Places in a frame after its length field.
    private static final int FLAGS = 1;
    private static final int OUTCOME = 2;
    private static final int REQUEST_ID = 4;

    /**
     * What an answer says.
     *
     * @param outcome the number of an {@code Outcome}
     * @param payload without the sequence number of an authoritative answer
     */
    record Content(int outcome, byte[] payload) {}

    /** Changes answers. */
    @FunctionalInterface
    interface Meddler {
        Content meddle(RecordKey asked, Content answer);
    }

    private final int nodePort;
    private final ServerSocket listener;
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
    private volatile Meddler meddler = (asked, answer) -> answer;

    /** A proxy that listens, and changes nothing yet. */
    public AnswerProxy(NodeProcess node) throws IOException {
        this.nodePort = node.port();
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    void meddle(Meddler with) {
        meddler = with;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** As {@code --server} takes it. */
    public String server() {
        return "127.0.0.1:" + port();
    }

    /** All bytes that the node has sent so far, each as one character. */
    public String seen() {
        synchronized (seen) {
            return seen.toString(ISO_8859_1);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "answer-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket node = new Socket(InetAddress.getLoopbackAddress(), nodePort);
                client.setTcpNoDelay(true);
                node.setTcpNoDelay(true);
                Map<Integer, RecordKey> asked = new ConcurrentHashMap<>();
                start(() -> pass(client, node, frame -> noteRequest(frame, asked)));
                start(() -> pass(node, client, frame -> changed(frame, asked)));
            } catch (IOException e) {
                // The proxy is closed, or the node is away: the client sees its connection end.
            }
        }
    }

    @FunctionalInterface
    private interface Change {
        byte[] apply(byte[] frame) throws IOException;
    }

    private static void pass(Socket from, Socket to, Change change) {
        try (from;
                to) {
            DataInputStream in = new DataInputStream(from.getInputStream());
            DataOutputStream out = new DataOutputStream(to.getOutputStream());
            while (true) {
                int length = in.readInt();
                if (length < FrameHeader.BYTES_AFTER_LENGTH || length > Limits.FRAME_BYTES) {
                    throw new IOException("a frame of " + length + " bytes");
                }
                byte[] frame = change.apply(in.readNBytes(length));
                out.write(ByteBuffer.allocate(Integer.BYTES + frame.length)
                        .putInt(frame.length)
                        .put(frame)
                        .array());
            }
        } catch (IOException e) {
            // One side has ended its connection, so the other is ended too.
        }
    }

    private static byte[] noteRequest(byte[] frame, Map<Integer, RecordKey> asked) throws IOException {
        if (frame[0] == FrameType.RESOLVE.code()) {
            ResolveRequest request = ResolveRequest.parseFrom(payload(frame, 0));
            asked.put(ByteBuffer.wrap(frame).getInt(REQUEST_ID), RecordKey.fromProto(request.getKey()));
            // Each prefix record is asked for by itself then, so that it can be meddled with.
            byte[] alone = request.toBuilder().clearWithChain().build().toByteArray();
            byte[] passed = Arrays.copyOf(frame, FrameHeader.BYTES_AFTER_LENGTH + alone.length);
            System.arraycopy(alone, 0, passed, FrameHeader.BYTES_AFTER_LENGTH, alone.length);
            return passed;
        }
        return frame;
    }

    private byte[] changed(byte[] frame, Map<Integer, RecordKey> asked) {
        synchronized (seen) {
            seen.writeBytes(frame);
        }
        RecordKey key = asked.get(ByteBuffer.wrap(frame).getInt(REQUEST_ID));
        if (frame[0] != FrameType.ANSWER.code() || key == null) {
            return frame;
        }
        int sequenceBytes = (frame[FLAGS] & FrameHeader.AUTHORITATIVE) == 0 ? 0 : Long.BYTES;
        Content content = meddler.meddle(key, new Content(frame[OUTCOME], payload(frame, sequenceBytes)));
        int before = FrameHeader.BYTES_AFTER_LENGTH + sequenceBytes;
        byte[] changed = Arrays.copyOf(frame, before + content.payload().length);
        changed[OUTCOME] = (byte) content.outcome();
        System.arraycopy(content.payload(), 0, changed, before, content.payload().length);
        return changed;
    }

    private static byte[] payload(byte[] frame, int skipped) {
        return Arrays.copyOfRange(frame, FrameHeader.BYTES_AFTER_LENGTH + skipped, frame.length);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
