package org.waymark.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.waymark.Limits;
import org.waymark.v1.Outcome;
import org.waymark.wire.AnswerSource;
import org.waymark.wire.Frame;
import org.waymark.wire.FrameDecoder;
import org.waymark.wire.FrameHeader;

/** Frames of answers of sample size: writing them, and cutting what one read brought into them; per frame. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrameBenchmark {

    private static final int FRAMES = 64;

    private final byte[] payload =
            SampleRecords.sign(1).records().get(0).encoded().toByteArray();
    private final ByteBuf out = Unpooled.directBuffer(FRAMES * (FrameHeader.BYTES + payload.length));
    private final ByteBuf read = write(Unpooled.directBuffer());
    private final EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(Limits.FRAME_BYTES));

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public ByteBuf encode() {
        return write(out.clear());
    }

    private ByteBuf write(ByteBuf to) {
        for (int i = 0; i < FRAMES; i++) {
            FrameHeader.writeAnswer(to, payload.length, 0, Outcome.RECORD, AnswerSource.NEAR_CACHE, i, 0, 60_000);
            to.writeBytes(payload);
        }
        return to;
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int decode() {
        channel.writeInbound(read.retainedDuplicate());
        int bytes = 0;
        for (Frame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            bytes += frame.content().readableBytes();
            frame.release();
        }
        return bytes;
    }
}
