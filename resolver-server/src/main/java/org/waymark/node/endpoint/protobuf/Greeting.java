package org.waymark.node.endpoint.protobuf;

import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.waymark.v1.Failure;
import org.waymark.v1.Hello;
import org.waymark.v1.Welcome;
import org.waymark.wire.Frame;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/** Takes the first frame of a connection, which must be a HELLO, agrees on a version, and goes. */
final class Greeting extends ChannelInboundHandlerAdapter {

    private static final int MAX_AGENT_BYTES = 128;
    /** Ample for a Hello with fields of later versions. */
    private static final int MAX_HELLO_BYTES = 1_024;

    private final EndpointOptions options;
    private final String agent;
    private final Outbox outbox;
    private final ClientTimeouts timeouts;

    Greeting(EndpointOptions options, String agent, Outbox outbox, ClientTimeouts timeouts) {
        this.options = options;
        this.agent = agent;
        this.outbox = outbox;
        this.timeouts = timeouts;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws BadRequestException {
        Frame frame = (Frame) message;
        context.pipeline().remove(this);
        try {
            agree(read(frame));
        } finally {
            frame.release();
        }
    }

    private static Hello read(Frame frame) throws BadRequestException {
        if (frame.header().type() != FrameType.HELLO) {
            throw BadRequestException.malformed("the first frame of a connection must be a HELLO");
        }
        int bytes = frame.content().readableBytes();
        if (bytes > MAX_HELLO_BYTES) {
            throw BadRequestException.overLimit(
                    "a Hello of " + bytes + " bytes; at most " + MAX_HELLO_BYTES + " are allowed");
        }
        Hello hello;
        try {
            hello = Hello.parseFrom(frame.payload());
        } catch (InvalidProtocolBufferException e) {
            throw BadRequestException.malformed("the payload of HELLO is not an encoded Hello");
        }
        int agentBytes = hello.getAgentBytes().size();
        if (agentBytes > MAX_AGENT_BYTES) {
            throw BadRequestException.overLimit(
                    "agent has " + agentBytes + " bytes; at most " + MAX_AGENT_BYTES + " are allowed");
        }
        return hello;
    }

    private void agree(Hello hello) throws BadRequestException {
        long lowest = Integer.toUnsignedLong(hello.getLowestVersion());
        long highest = Integer.toUnsignedLong(hello.getHighestVersion());
        if (lowest > highest) {
            throw BadRequestException.malformed(
                    "lowest_version is " + lowest + ", above highest_version, which is " + highest);
        }
        if (FrameHeader.PROTOCOL_VERSION < lowest || FrameHeader.PROTOCOL_VERSION > highest) {
            throw new BadRequestException(
                    Failure.Code.UNSUPPORTED_VERSION,
                    "this node speaks version " + FrameHeader.PROTOCOL_VERSION + "; the client speaks " + lowest
                            + " to " + highest);
        }
        timeouts.greeted();
        outbox.frame(
                FrameHeader.greeting(FrameType.WELCOME, FrameHeader.PROTOCOL_VERSION),
                Welcome.newBuilder()
                        .setVersion(FrameHeader.PROTOCOL_VERSION)
                        .setAgent(agent)
                        .setMaxInFlight(options.maxInFlight())
                        .setMaxBatch(options.maxBatch())
                        .build());
    }
}
