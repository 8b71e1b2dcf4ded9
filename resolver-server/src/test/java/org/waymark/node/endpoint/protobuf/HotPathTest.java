package org.waymark.node.endpoint.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.NOTHING_READY;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.OPTIONS;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.key;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.identifier.Scheme;
import org.waymark.node.TestParties;
import org.waymark.node.cache.NearCache;
import org.waymark.node.cache.NearCacheLink;
import org.waymark.node.cache.PrefixGenerations;
import org.waymark.node.endpoint.UnsentBytes;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.metrics.Face;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.node.resolve.SelectionLink;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.record.RecordKey;
import org.waymark.trust.Suite;
import org.waymark.v1.NodeInfo;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterRequest;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ResolveRequest;
import org.waymark.wire.AnswerSource;
import org.waymark.wire.FrameDecoder;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/** Two connections to two nodes of the same kind and history, one with the short way and one without: nobody can tell which. */
@ExtendWith(NoLeaks.class)
class HotPathTest {

    private static final RecordKey MAKER = RecordKey.of(RecordKind.PREFIX, Scheme.VAA, "88.118.8");
    private static final long LIFE = 10_000;
    private static final long MAX_STALE = 5_000;
    private static final int KEYS = 24;
    private static final int OPEN_REQUESTS = 6;
    private static final int MAX_BATCH = 10;
    private static final int MAX_FRAME_BYTES = 8 * 1_024;
    /** Two for each identifier, of many sizes. */
    private static final byte[][] RECORDS = signedRecords();

    private static byte[][] signedRecords() {
        TestParties parties = new TestParties(Suite.ED25519);
        byte[][] records = new byte[2 * KEYS][];
        for (int i = 0; i < records.length; i++) {
            records[i] = parties.maker
                    .sign(parties.maker.itemDraft("part." + i).value(5, "note", "x".repeat(1 + i * 100)))
                    .encoded()
                    .toByteArray();
        }
        return records;
    }

    private static final class SetClock extends Clock {

        private long now = 1_000_000;

        @Override
        public long millis() {
            return now;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(now);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("one zone will do");
        }
    }

    /** A node with a registry of a few identifiers, and one connection to it. */
    private static final class World {

        private final SetClock clock = new SetClock();
        private final PrefixGenerations generations = new PrefixGenerations();
        private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
        private final ConnectionMetrics metrics =
                new NodeMetrics(meters).face(Face.PROTOBUF).connection(null);
        private final Queue<Runnable> late = new ArrayDeque<>();
        private final int[] versions = new int[KEYS];
        private final StubAuthority authority = new StubAuthority();
        private final EachThread<HotPath.Round> rounds;
        private final EachThread<ReadyAnswers.Batch> batches;
        private final NearCacheLink link;
        private final boolean isShort;
        private long trust = 1;
        private long sequence = 1;
        private boolean away;
        /** Ids of resolve-manys, and of requests whose last answer was sent. */
        private final Set<Integer> many = new HashSet<>();

        private final Set<Integer> finished = new HashSet<>();
        private int taken;
        private EmbeddedChannel channel;

        World(boolean isShort) {
            this.isShort = isShort;
            NearCache cache = new NearCache(100_000, 20, generations, () -> trust, clock);
            link = new NearCacheLink(cache, this::read, MAX_STALE, clock);
            authority.onRegister = records -> {
                commit(records.get(0).byteAt(0) % KEYS);
                return CompletableFuture.completedFuture(List.of(
                        RegisterResult.newBuilder().setSequence(sequence).build()));
            };
            ReadyAnswers ready = isShort ? counted(cache) : NOTHING_READY;
            rounds = new EachThread<>(() -> new HotPath.Round(ready));
            batches = new EachThread<>(() -> ready.newBatch(LookUps.MOST));
            connect();
        }

        private ReadyAnswers counted(ReadyAnswers ready) {
            return most -> {
                ReadyAnswers.Batch batch = ready.newBatch(most);
                return new ReadyAnswers.Batch() {
                    @Override
                    public void clear() {
                        batch.clear();
                    }

                    @Override
                    public void add(byte[] bytes, int offset, int length) {
                        batch.add(bytes, offset, length);
                    }

                    @Override
                    public void locate() {
                        batch.locate();
                    }

                    @Override
                    public ByteBuffer payload(int lookup) {
                        ByteBuffer payload = batch.payload(lookup);
                        taken += payload == null ? 0 : 1;
                        return payload;
                    }

                    @Override
                    public Outcome outcome() {
                        return batch.outcome();
                    }

                    @Override
                    public RecordKey owner() {
                        return batch.owner();
                    }

                    @Override
                    public long lifeMillis() {
                        return batch.lifeMillis();
                    }

                    @Override
                    public boolean isIntact() {
                        return batch.isIntact();
                    }
                };
            };
        }

        void connect() {
            channel = new EmbeddedChannel();
            Outbox outbox = new Outbox(channel, new UnsentBytes(1 << 30), metrics, clock);
            OpenRequests open = new OpenRequests(OPEN_REQUESTS);
            ClientTimeouts timeouts =
                    new ClientTimeouts(OPTIONS.helloTimeout(), OPTIONS.frameTimeout(), OPTIONS.idleTimeout());
            FrameDecoder decoder = new FrameDecoder(MAX_FRAME_BYTES);
            RequestHandler requests = new RequestHandler(
                    afterLateAnswer -> new RequestDispatcher(
                            channel,
                            new RequestReader(MAX_BATCH),
                            batches,
                            new SelectionLink(link),
                            authority,
                            NodeInfo::getDefaultInstance,
                            metrics,
                            open,
                            outbox,
                            afterLateAnswer),
                    open,
                    outbox,
                    metrics);
            channel.pipeline().addLast(timeouts);
            if (isShort) {
                channel.pipeline().addLast(new HotPath(rounds, decoder, timeouts, requests, outbox));
            }
            channel.pipeline().addLast(decoder);
            channel.pipeline().addLast(timeouts.frameWatch());
            channel.pipeline().addLast(new Greeting(OPTIONS, "test", outbox, timeouts));
            channel.pipeline().addLast(requests);
        }

        /** What lies below the near cache: by the number of the identifier it answers in one way or another. */
        private CompletableFuture<Answer> read(Query query) {
            int number = number(query.key());
            if (away) {
                return CompletableFuture.failedFuture(new UnavailableException("away", null));
            }
            StoredAnswer content = content(number);
            Answer answer = Answer.of(content, AnswerSource.REGISTRY);
            if (number % 12 != 1) {
                return CompletableFuture.completedFuture(answer);
            }
            CompletableFuture<Answer> later = new CompletableFuture<>();
            late.add(() -> later.complete(answer));
            return later;
        }

        private StoredAnswer content(int number) {
            long expiresAt = clock.millis() + LIFE;
            return switch (number % 6) {
                case 2 -> new StoredAnswer(Outcome.NOT_FOUND, new byte[0], sequence, expiresAt, MAKER);
                case 3 -> new StoredAnswer(Outcome.NOT_FOUND, new byte[0], sequence, 0, MAKER);
                default ->
                    new StoredAnswer(
                            Outcome.RECORD, RECORDS[2 * number + versions[number] % 2], sequence, expiresAt, MAKER);
            };
        }

        private static int number(RecordKey key) {
            for (int number = 0; number < KEYS; number++) {
                if (key.equals(identifier(number))) {
                    return number;
                }
            }
            return 3;
        }

        private void commit(int number) {
            versions[number]++;
            sequence++;
            link.invalidate(identifier(number));
        }

        void change(int kind, int number) {
            switch (kind) {
                case 0 -> commit(number);
                case 1 -> generations.changed(MAKER, ++sequence);
                case 2 -> clock.now += number * LIFE / KEYS / 4;
                case 3 -> trust = number % 4;
                case 4 -> away = number % 4 == 0;
                case 5 -> setWritable(false);
                default -> {
                    trust = Math.max(1, trust);
                    setWritable(true);
                    answerLate();
                }
            }
            channel.runPendingTasks();
        }

        private void setWritable(boolean writable) {
            if (channel.isOpen()) {
                channel.unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
            }
        }

        void answerLate() {
            while (!late.isEmpty()) {
                late.remove().run();
            }
            channel.runPendingTasks();
        }

        void read(byte[] bytes) {
            ByteBuf in = channel.alloc().directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
            channel.writeInbound(in);
            channel.runPendingTasks();
        }

        /** The frames that were sent, apart from their order. */
        List<String> sent() {
            List<String> frames = new ArrayList<>();
            for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
                while (out.isReadable()) {
                    frames.add(frame(out.readSlice(out.readInt())));
                }
                out.release();
            }
            Collections.sort(frames);
            return frames;
        }

        /**
         * All that the frame says but for where the answer was found: what was gathered together is read together, so one way may
         * find in the near cache what the other has just read. The last one of a resolve-many is the one that says so.
         */
        private String frame(ByteBuf in) {
            int word = in.readInt();
            int sourceAndLast = 0xFF | FrameHeader.LAST << 16;
            int id = in.readInt();
            boolean isAnswer = word >>> 24 == FrameType.ANSWER.code();
            assertThat(isAnswer && !finished.add(id) && many.contains(id))
                    .as("an answer after the last one to %d", id)
                    .isFalse();
            if (isAnswer && (word >> 16 & FrameHeader.LAST) == 0 && many.contains(id)) {
                finished.remove(id);
            }
            int item = in.readInt();
            int life = in.readInt();
            return "request %d item %d: %08x life %d payload %d bytes, hash %08x"
                    .formatted(
                            id,
                            item,
                            isAnswer ? word & ~sourceAndLast : word,
                            life,
                            in.readableBytes(),
                            ByteBufUtil.hashCode(in));
        }

        /** By name and tags, wherever the answers were found. */
        Map<String, Double> counts() {
            Map<String, Double> counts = new TreeMap<>();
            meters.getMeters().forEach(meter -> {
                if (meter instanceof Counter counter) {
                    String id = meter.getId().getName() + " " + meter.getId().getTag("outcome");
                    counts.merge(id, counter.count(), Double::sum);
                }
            });
            return counts;
        }
    }

    private final World shortWay = new World(true);
    private final World longWay = new World(false);
    private int requestId;

    private static RecordKey identifier(int number) {
        return key("88.118.8/" + (number == 0 ? "x".repeat(2_000) : "part") + "." + number);
    }

    private byte[] request(FrameType type, int flags, byte[] payload) {
        if (type == FrameType.RESOLVE_MANY) {
            shortWay.many.add(requestId);
            longWay.many.add(requestId);
        }
        return WireClient.frame(FrameHeader.request(type, requestId++).with(flags), payload);
    }

    private byte[] resolve(RecordKey key) {
        return request(
                FrameType.RESOLVE,
                0,
                ResolveRequest.newBuilder().setKey(key.toProto()).build().toByteArray());
    }

    private byte[] randomFrame(Random random) {
        RecordKey key = identifier(random.nextInt(KEYS));
        ResolveRequest.Builder request = ResolveRequest.newBuilder().setKey(key.toProto());
        byte[] plain = request.build().toByteArray();
        return switch (random.nextInt(40)) {
            case 0 -> request(FrameType.RESOLVE, FrameHeader.AUTHORITATIVE, plain);
            case 1 -> request(FrameType.RESOLVE, FrameHeader.LAST, plain);
            case 2 ->
                request(FrameType.RESOLVE, 0, request.addIndexes(1).build().toByteArray());
            case 3 ->
                request(FrameType.RESOLVE, 0, request.addTypes("URL").build().toByteArray());
            case 4 -> request(FrameType.RESOLVE_MANY, 0, randomMany(random));
            case 13 -> request(FrameType.RESOLVE_MANY, FrameHeader.AUTHORITATIVE, randomMany(random));
            case 5 -> request(FrameType.INFO, 0, new byte[0]);
            case 6 ->
                request(
                        FrameType.REGISTER,
                        0,
                        RegisterRequest.newBuilder()
                                .addRecords(ByteString.copyFrom(new byte[] {(byte) random.nextInt(KEYS)}))
                                .build()
                                .toByteArray());
            // Payloads that are no request, or none of the common kind.
            case 7 -> request(FrameType.RESOLVE, 0, Arrays.copyOf(plain, random.nextInt(plain.length)));
            case 8 -> request(FrameType.RESOLVE, 0, WireClient.join(plain, plain));
            case 9 -> request(FrameType.RESOLVE, 0, WireClient.join(plain, new byte[] {0x78, 1}));
            case 10 -> request(FrameType.RESOLVE, 0, flipped(plain, random));
            case 11 -> request(FrameType.RESOLVE, 0, new byte[random.nextInt(3_000)]);
            case 12 -> request(FrameType.RESOLVE, 0, keyOfZeros(random.nextInt(4_000)));
            default -> resolve(key);
        };
    }

    /** Some are as a whole not to be read, some have items that are none. */
    private byte[] randomMany(Random random) {
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        int items = random.nextInt(MAX_BATCH + 2);
        for (int i = 0; i < items; i++) {
            ResolveRequest.Builder request = ResolveRequest.newBuilder()
                    .setKey(identifier(random.nextInt(KEYS)).toProto());
            byte[] item = (random.nextInt(8) == 0 ? request.addIndexes(1) : request)
                    .build()
                    .toByteArray();
            item = switch (random.nextInt(100)) {
                case 0 -> flipped(item, random);
                case 1 -> Arrays.copyOf(item, random.nextInt(item.length));
                case 2, 3, 4 ->
                    ResolveRequest.newBuilder()
                            .setKey(key("x".repeat(2_048)).toProto().toBuilder().setIdentifier("x".repeat(2_049)))
                            .build()
                            .toByteArray();
                default -> item;
            };
            many.write(0x0A);
            many.write(item.length & 0x7F | 0x80);
            many.write(item.length >>> 7);
            many.writeBytes(item);
        }
        return many.toByteArray();
    }

    private static byte[] keyOfZeros(int length) {
        return WireClient.join(
                new byte[] {0x0A, (byte) (length & 0x7F | 0x80), (byte) (length >>> 7)}, new byte[length]);
    }

    private static byte[] flipped(byte[] bytes, Random random) {
        byte[] other = bytes.clone();
        other[random.nextInt(other.length)] ^= (byte) (1 << random.nextInt(8));
        return other;
    }

    /** A frame that ends the connection. */
    private byte[] fatalFrame(Random random) {
        byte[] frame = resolve(identifier(1));
        return switch (random.nextInt(4)) {
            case 0 -> ByteBuffer.wrap(frame).putInt(0, random.nextInt(20)).array();
            case 1 -> ByteBuffer.wrap(frame).putInt(0, MAX_FRAME_BYTES + 1).array();
            case 2 -> ByteBuffer.wrap(frame).putInt(0, -1).array();
            default -> ByteBuffer.wrap(frame).put(4, (byte) 99).array();
        };
    }

    private void readBoth(byte[] bytes) {
        shortWay.read(bytes);
        longWay.read(bytes);
        compare();
    }

    private void compare() {
        assertThat(shortWay.sent()).isEqualTo(longWay.sent());
        assertThat(shortWay.counts()).isEqualTo(longWay.counts());
        assertThat(shortWay.channel.isOpen()).isEqualTo(longWay.channel.isOpen());
        assertThat(shortWay.channel.config().isAutoRead())
                .isEqualTo(longWay.channel.config().isAutoRead());
    }

    private void closeBoth() {
        for (World world : List.of(shortWay, longWay)) {
            world.answerLate();
            world.channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void bothWaysAnswerTheSameTrafficWithTheSameBytes(long seed) {
        Random random = new Random(seed);
        for (int connection = 0; connection < 4; connection++) {
            readBoth(WireClient.hello(1, 1));
            for (int read = 0; read < 40 && longWay.channel.isOpen(); read++) {
                List<byte[]> frames = new ArrayList<>();
                int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 300 : 20);
                for (int i = 0; i < count; i++) {
                    frames.add(random.nextInt(2_000) == 0 ? fatalFrame(random) : randomFrame(random));
                }
                inFragments(WireClient.join(frames.toArray(byte[][]::new)), random);
                int kind = random.nextInt(18);
                int number = random.nextInt(KEYS);
                shortWay.change(kind, number);
                longWay.change(kind, number);
                compare();
            }
            closeBoth();
            shortWay.connect();
            longWay.connect();
        }
        closeBoth();
        assertThat(shortWay.taken).isGreaterThan(300);
    }

    private void inFragments(byte[] bytes, Random random) {
        int at = 0;
        while (at < bytes.length && longWay.channel.isOpen()) {
            int length = random.nextInt(3) == 0
                    ? 1 + random.nextInt(Math.min(40, bytes.length - at))
                    : 1 + random.nextInt(bytes.length - at);
            int end = random.nextInt(2) == 0 ? bytes.length : at + length;
            readBoth(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
    }

    @Test
    void aReadIsAnsweredWithOneBuffer() {
        shortWay.read(WireClient.hello(1, 1));
        shortWay.read(resolve(identifier(4)));
        shortWay.sent();

        shortWay.read(WireClient.join(resolve(identifier(4)), resolve(identifier(4)), resolve(identifier(4))));
        ByteBuf out = shortWay.channel.readOutbound();

        assertThat(shortWay.taken).isEqualTo(3);
        assertThat(out.readableBytes()).isEqualTo(3 * (FrameHeader.BYTES + RECORDS[2 * 4].length));
        out.release();
        assertThat(shortWay.channel.<ByteBuf>readOutbound()).isNull();
        closeBoth();
    }

    @Test
    void aFrameThatCameInPartsDoesNotKeepTheOthersFromTheShortWay() {
        shortWay.read(WireClient.hello(1, 1));
        shortWay.read(resolve(identifier(4)));
        for (int cut = 1; cut < FrameHeader.BYTES; cut++) {
            byte[] divided = resolve(identifier(4));
            int before = shortWay.taken;
            shortWay.read(WireClient.join(resolve(identifier(4)), Arrays.copyOf(divided, cut)));
            shortWay.read(WireClient.join(
                    Arrays.copyOfRange(divided, cut, divided.length), resolve(identifier(4)), resolve(identifier(4))));

            assertThat(shortWay.taken - before).as("cut after %d bytes", cut).isEqualTo(3);
        }
        shortWay.sent();
        closeBoth();
    }

    @Test
    void nothingIsAnsweredBeforeTheGreeting() {
        readBoth(WireClient.hello(1, 1));
        readBoth(resolve(identifier(4)));
        closeBoth();
        shortWay.connect();
        longWay.connect();

        readBoth(resolve(identifier(4)));

        assertThat(shortWay.taken).isZero();
        closeBoth();
    }
}
