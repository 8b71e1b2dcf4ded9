package org.waymark.node.endpoint.handle;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.metrics.ConnectionMetrics;

/**
 * One UDP socket. Who a packet comes from is not proved, so that an answer may go to somebody who did not ask: what is sent to one
 * address is bounded, and an answer over a limit is not sent but begun, so that the client asks over TCP. What can't be a request is
 * not answered at all.
 */
final class UdpFace extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(UdpFace.class);

    /** Requests that wait for the registry. */
    private static final int MOST_OPEN = 4_096;

    private static final int USUAL_BYTES = 1_024;

    private final int mostAnswerBytes;
    private final ReadyLookups lookups;
    private final Requests requests;
    private final SourceLimiter limiter;
    private final ConnectionMetrics metrics;
    private final Fragments fragments = new Fragments();
    private boolean reading;
    private int open;

    /**
     * @param mostAnswerBytes an answer that is longer has to be asked for over TCP
     * @param limiter shared by the sockets of the face
     */
    UdpFace(
            int mostAnswerBytes,
            ReadyLookups lookups,
            Requests requests,
            SourceLimiter limiter,
            ConnectionMetrics metrics) {
        this.mostAnswerBytes = mostAnswerBytes;
        this.lookups = lookups;
        this.requests = requests;
        this.limiter = limiter;
        this.metrics = metrics;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        reading = true;
        try {
            read(context, packet.content(), packet.sender());
        } finally {
            packet.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.atDebug().setCause(cause).log("a packet was not served");
    }

    private void read(ChannelHandlerContext context, ByteBuf packet, InetSocketAddress sender) {
        if (packet.readableBytes() < Envelope.BYTES + RequestDecoder.HEADER_BYTES && !isPart(packet)) {
            metrics.malformed();
            return;
        }
        long now = System.nanoTime();
        if (!isPart(packet) && lookups.take(packet) > 0) {
            ByteBuf out = context.alloc().ioBuffer(USUAL_BYTES);
            if (lookups.answer(0, out, metrics)) {
                send(context, sender, out, now);
                metrics.readyDone(System.nanoTime() - now);
                return;
            }
            out.release();
        }
        Envelope envelope = Envelope.read(packet, packet.readerIndex());
        ByteBuf payload = packet.slice(packet.readerIndex() + Envelope.BYTES, packet.readableBytes() - Envelope.BYTES);
        if (envelope.has(Envelope.TRUNCATED)) {
            payload = fragments.add(sender, envelope, payload, now);
            if (payload == null) {
                return;
            }
        } else if (envelope.messageLength() < RequestDecoder.HEADER_BYTES
                || envelope.messageLength() > payload.readableBytes()) {
            metrics.malformed();
            return;
        } else {
            payload = payload.slice(0, envelope.messageLength());
        }
        if (open < MOST_OPEN) {
            start(context, RequestDecoder.decode(envelope, payload), sender);
        }
    }

    private static boolean isPart(ByteBuf packet) {
        return packet.readableBytes() > Envelope.BYTES
                && (packet.getByte(packet.readerIndex() + Envelope.FLAGS_AT) & Envelope.TRUNCATED) != 0;
    }

    private void start(ChannelHandlerContext context, HandleRequest request, InetSocketAddress sender) {
        open++;
        requests.start(request, context.channel(), metrics, answer -> {
            open--;
            send(context, sender, answer, System.nanoTime());
            if (!reading) {
                context.flush();
            }
        });
    }

    /** Sends a message in as many packets as it needs, or the beginning of one that is too long; releases it. */
    private void send(ChannelHandlerContext context, InetSocketAddress receiver, ByteBuf message, long now) {
        int bucket = limiter.bucket(receiver.getAddress());
        int payloadBytes = message.readableBytes() - Envelope.BYTES;
        int packets = (payloadBytes + Fragments.PAYLOAD_BYTES - 1) / Fragments.PAYLOAD_BYTES;
        boolean isTooLong = message.readableBytes() > mostAnswerBytes;
        int sent = isTooLong ? 1 : packets;
        int bytes = isTooLong ? Envelope.BYTES : payloadBytes + packets * Envelope.BYTES;
        if (!limiter.allows(bucket, bytes, now)) {
            message.release();
            return;
        }
        if (packets == 1 && !isTooLong) {
            context.write(new DatagramPacket(message, receiver));
            return;
        }
        try {
            for (int i = 0; i < sent; i++) {
                context.write(new DatagramPacket(packet(context, message, i, isTooLong), receiver));
            }
        } finally {
            message.release();
        }
    }

    private static ByteBuf packet(ChannelHandlerContext context, ByteBuf message, int sequence, boolean isTooLong) {
        int start = message.readerIndex();
        int at = start + Envelope.BYTES + sequence * Fragments.PAYLOAD_BYTES;
        int bytes = isTooLong ? 0 : Math.min(Fragments.PAYLOAD_BYTES, message.writerIndex() - at);
        ByteBuf packet = context.alloc().ioBuffer(Envelope.BYTES + bytes);
        packet.writeBytes(message, start, Envelope.BYTES);
        packet.setByte(Envelope.FLAGS_AT, packet.getByte(Envelope.FLAGS_AT) | Envelope.TRUNCATED);
        packet.setInt(Envelope.SEQUENCE_AT, sequence);
        packet.writeBytes(message, at, bytes);
        return packet;
    }
}
