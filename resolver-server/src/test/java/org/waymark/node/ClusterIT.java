package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.RawAnswer;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.ops.redis.RedisServer;
import org.waymark.ops.redis.RedisSource;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.KeyFile;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
import org.waymark.v1.Outcome;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.RegisterResult.Code;
import org.waymark.wire.AnswerSource;

/** Two whole nodes on one Redis, spoken to over the protocol; the second one's registry is the first one. */
class ClusterIT {

    private static final int PREFIX_TTL_SECONDS = 2;
    private static final int ITEMS = 8;
    private static final int MEASURED_UPDATES = 300;
    private static final Duration HAMMER_TIME = Duration.ofSeconds(10);

    private final Prefix root = Prefix.parse("88.118");
    private final Prefix maker = Prefix.parse("88.118.8");
    private final SigningKey makerKey = SigningKey.generate(Suite.ED25519);
    private final String namespace = "cluster-" + UUID.randomUUID();

    private final List<MeterRegistry> meters = new ArrayList<>();

    @TempDir
    private Path home;

    private RedisServer redis;
    private CuttableProxy holderLink;
    private CuttableProxy secondLink;
    private NodeSetup.Result setup;
    private RecordSigner rootSigner;
    private IdentifierRecord delegation;
    private Node holder;
    private Node second;
    private NodeClient atHolder;
    private NodeClient atSecond;

    @BeforeEach
    void start() throws Exception {
        redis = RedisSource.ownProcess();
        holderLink = new CuttableProxy(redis.uri());
        secondLink = new CuttableProxy(redis.uri());
        setup = new NodeSetup(Clock.systemUTC()).init(home.resolve("node"), root, Suite.SM2, "Cluster");
        holder = node(Optional.of(setup.config()), "redis.uri=" + holderLink.uri());
        second = node(
                Optional.empty(),
                "node.dataDir=" + home.resolve("second"),
                "redis.uri=" + secondLink.uri(),
                "registry.kind=remote",
                "registry.nodes=127.0.0.1:" + holder.address().getPort());
        atHolder = client(holder);
        atSecond = client(second);
        rootSigner = new RecordSigner(KeyFile.readPrivate(setup.delegateKey()));
        delegation = rootSigner.sign(
                makerDraft(PartyKey.active(makerKey.verifyingKey(), Set.of(KeyRole.DELEGATE, KeyRole.RECORDS)))
                        .build());
        register(atSecond, delegation);
    }

    private RecordDraft.Builder makerDraft(PartyKey... keys) {
        RecordDraft.Builder draft = RecordDraft.prefix(maker, root)
                .ttlSeconds(PREFIX_TTL_SECONDS)
                .expiresAt(System.currentTimeMillis() + Duration.ofDays(1).toMillis());
        return PrefixRecord.describe(
                draft, PrefixDescription.newBuilder().setName("Maker").build(), List.of(keys), List.of());
    }

    /** The next version of the maker's record: its key so far in another state, and a new one. */
    private void rotateMakerKey(KeyState state) {
        SigningKey next = SigningKey.generate(Suite.ED25519);
        Set<KeyRole> roles = Set.of(KeyRole.DELEGATE, KeyRole.RECORDS);
        RecordDraft.Builder draft = makerDraft(
                        PartyKey.active(makerKey.verifyingKey(), roles).in(state),
                        PartyKey.active(next.verifyingKey(), roles))
                .following(1, delegation.digest(Suite.SM2.hash()));
        register(atHolder, rootSigner.signWithConsent(draft.build(), makerKey));
    }

    private void assertRefusedAtBoth(IdentifierRecord record, RefusalReason reason) {
        for (NodeClient client : List.of(atHolder, atSecond)) {
            RegisterResult result =
                    client.register(List.of(record.encoded())).join().get(0);
            assertThat(result.getCode()).isEqualTo(Code.UNAUTHORISED);
            assertThat(result.getReason()).isEqualTo(reason);
        }
    }

    private ResolverClient verifyingClientOfSecond() {
        return ResolverClient.builder()
                .node("127.0.0.1", second.address().getPort())
                .anchor(setup.anchor())
                .build();
    }

    @Test
    void aRevokedKeyIsSilencedAtTheOtherNodeAtOnceAndAtAClientWithinTheTtlOfThePrefixRecord() {
        Item item = new Item("by-a-stolen-key");
        register(atHolder, item.next());
        awaitNearCacheAt(atSecond, item.key());
        try (ResolverClient client = verifyingClientOfSecond()) {
            assertThat(client.blocking().resolve(item.identifier)).isInstanceOf(Resolution.Found.class);

            rotateMakerKey(KeyState.KEY_REVOKED);

            long acknowledged = System.nanoTime();
            assertThat(resolve(atHolder, item.key()).outcome()).isEqualTo(Outcome.RECORD_REVOKED);
            while (resolve(atSecond, item.key()).outcome() != Outcome.RECORD_REVOKED) {
                Thread.onSpinWait();
            }
            Duration took = Duration.ofNanos(System.nanoTime() - acknowledged);
            System.out.printf("time until the other node refuses a revoked key: %d us%n", took.toNanos() / 1_000);
            assertThat(took).isLessThan(Duration.ofSeconds(1));
            assertRefusedAtBoth(item.next(), RefusalReason.KEY_IS_REVOKED);

            await().atMost(Duration.ofSeconds(20)).until(() -> {
                boolean isDue = System.nanoTime() - acknowledged
                        > Duration.ofSeconds(PREFIX_TTL_SECONDS).toNanos();
                boolean isRevoked = client.blocking().resolve(item.identifier) instanceof Resolution.Revoked;
                assertThat(isRevoked || !isDue)
                        .as("revoked once the TTL is over")
                        .isTrue();
                return isDue && isRevoked;
            });
        }
    }

    @Test
    void whatARetiredKeySignedStaysValidAndNothingNewByItIsAdmitted() {
        Item item = new Item("by-an-old-key");
        register(atHolder, item.next());
        ByteString signed = item.current.encoded();
        awaitNearCacheAt(atSecond, item.key());

        rotateMakerKey(KeyState.KEY_RETIRED);

        assertRefusedAtBoth(item.next(), RefusalReason.KEY_IS_RETIRED);
        assertThat(resolve(atHolder, item.key()).payload()).isEqualTo(signed);
        assertThat(resolve(atSecond, item.key()).payload()).isEqualTo(signed);
        try (ResolverClient client = verifyingClientOfSecond()) {
            Resolution.Found found = (Resolution.Found) client.blocking().resolve(item.identifier);
            assertThat(found.record().encoded()).isEqualTo(signed);
        }
    }

    private Node node(Optional<Path> config, String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("protobuf.port=0");
        all.add("operations.port=0");
        all.add("http.port=0");
        all.add("redis.namespace=" + namespace);
        meters.add(new SimpleMeterRegistry());
        return Node.start(NodeConfigLoader.load(config, Map.of(), all).config(), meters.get(meters.size() - 1));
    }

    /** Over both nodes. */
    private double counted(String name) {
        return meters.stream().mapToDouble(node -> node.counter(name).count()).sum();
    }

    private static NodeClient client(Node node) {
        return NodeClient.create(NodeClientOptions.builder()
                .node("127.0.0.1", node.address().getPort())
                .build());
    }

    @AfterEach
    void stop() {
        atSecond.close();
        atHolder.close();
        second.close();
        holder.close();
        secondLink.close();
        holderLink.close();
        redis.close();
    }

    private static void register(NodeClient client, IdentifierRecord record) {
        assertThat(client.register(List.of(record.encoded())).join().get(0).getCode())
                .isIn(Code.CREATED, Code.UPDATED);
    }

    /** Signs one version after the other of one item. */
    private final class Item {

        private final Identifier identifier;
        private IdentifierRecord current;

        Item(String name) {
            identifier = Identifier.parse(maker.canonical() + "/" + name);
        }

        RecordKey key() {
            return RecordKey.of(RecordKind.ITEM, identifier.scheme(), identifier.canonical());
        }

        IdentifierRecord next() {
            RecordDraft.Builder draft = RecordDraft.item(identifier, maker).value(1, "text", "of " + identifier);
            if (current != null) {
                draft.following(
                        current.version(), current.digest(makerKey.suite().hash()));
            }
            current = new RecordSigner(makerKey).sign(draft.build());
            return current;
        }
    }

    private static RawAnswer resolve(NodeClient client, RecordKey key) {
        return client.resolve(key, false, Set.of(), List.of()).join();
    }

    private static long version(RawAnswer answer) {
        return answer.outcome() == Outcome.RECORD
                ? IdentifierRecord.parse(answer.payload()).version()
                : 0;
    }

    private void awaitNearCacheAt(NodeClient client, RecordKey key) {
        await().atMost(Duration.ofSeconds(20)).until(() -> resolve(client, key).source() == AnswerSource.NEAR_CACHE);
    }

    @Test
    void anAnswerComesFromTheRegistryThenFromRedisThenFromTheNearCacheAndVerifies() {
        Item item = new Item("one");
        register(atSecond, item.next());

        awaitNearCacheAt(atSecond, item.key());
        awaitNearCacheAt(atHolder, item.key());
        try (ResolverClient client = ResolverClient.builder()
                .node("127.0.0.1", second.address().getPort())
                .anchor(setup.anchor())
                .build()) {
            Resolution resolution = client.blocking().resolve(item.identifier);
            assertThat(resolution).isInstanceOf(Resolution.Found.class);
            assertThat(((Resolution.Found) resolution).record().encoded()).isEqualTo(item.current.encoded());
        }
        assertThat(holder.info().getRedis()).isEqualTo("connected");
        assertThat(second.info().getRegistry()).isEqualTo("remote");
    }

    @Test
    void anUpdateThroughOneNodeIsAnsweredByTheOtherWithinAHundredMilliseconds() {
        Item item = new Item("measured");
        register(atHolder, item.next());
        awaitNearCacheAt(atSecond, item.key());
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < MEASURED_UPDATES; i++) {
            NodeClient taking = i % 2 == 0 ? atHolder : atSecond;
            NodeClient other = i % 2 == 0 ? atSecond : atHolder;
            IdentifierRecord next = item.next();
            register(taking, next);
            long acknowledged = System.nanoTime();
            assertThat(version(resolve(taking, item.key()))).isEqualTo(next.version());
            while (version(resolve(other, item.key())) < next.version()) {
                Thread.onSpinWait();
            }
            micros.add((System.nanoTime() - acknowledged) / 1_000);
        }
        Collections.sort(micros);
        long median = micros.get(micros.size() / 2);
        long p99 = micros.get(micros.size() * 99 / 100);
        System.out.printf("time to effect on the other node: median %d us, 99th percentile %d us%n", median, p99);
        assertThat(Duration.ofNanos(p99 * 1_000)).isLessThan(Duration.ofMillis(100));
    }

    @Test
    void noNodeGoesBackToAnOlderVersionWhileLinksBreakAndRedisIsFlushed() throws Exception {
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < ITEMS; i++) {
            items.add(new Item("item-" + i));
            register(atHolder, items.get(i).next());
        }
        long seed = System.nanoTime();
        AtomicBoolean ended = new AtomicBoolean();
        AtomicInteger writes = new AtomicInteger();
        ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
        List<Thread> threads = List.of(
                repeat("writer", ended, faults, new Random(seed), random -> {
                    Item item = items.get(random.nextInt(ITEMS));
                    NodeClient taking = random.nextBoolean() ? atHolder : atSecond;
                    IdentifierRecord next = item.next();
                    register(taking, next);
                    assertThat(version(resolve(taking, item.key()))).isGreaterThanOrEqualTo(next.version());
                    writes.incrementAndGet();
                }),
                repeat("reader-of-holder", ended, faults, new Random(seed + 1), monotonicReader(atHolder, items)),
                repeat("reader-of-second", ended, faults, new Random(seed + 2), monotonicReader(atSecond, items)));
        Random chaos = new Random(seed + 3);
        long end = System.nanoTime() + HAMMER_TIME.toNanos();
        while (System.nanoTime() < end && faults.isEmpty()) {
            CuttableProxy link = chaos.nextBoolean() ? holderLink : secondLink;
            if (chaos.nextInt(4) == 0) {
                redis.stop();
                redis.start();
            } else if (chaos.nextBoolean()) {
                link.cut();
            } else {
                link.pause();
            }
            long until = System.nanoTime()
                    + Duration.ofMillis(200 + chaos.nextInt(800)).toNanos();
            await().pollInterval(Duration.ofMillis(20)).until(() -> System.nanoTime() > until);
            link.restore();
        }
        ended.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(faults).as("seed %d", seed).isEmpty();
        assertThat(writes.get()).isGreaterThan(50);
        for (Item item : items) {
            awaitNearCacheAt(atSecond, item.key());
            assertThat(version(resolve(atSecond, item.key()))).isEqualTo(item.current.version());
        }
    }

    private interface Step {
        void take(Random random);
    }

    private static Step monotonicReader(NodeClient client, List<Item> items) {
        long[] seen = new long[items.size()];
        return random -> {
            int i = random.nextInt(seen.length);
            RawAnswer answer = resolve(client, items.get(i).key());
            assertThat(answer.outcome()).as("%s", answer).isEqualTo(Outcome.RECORD);
            assertThat(version(answer)).as("%s", answer).isGreaterThanOrEqualTo(seen[i]);
            seen[i] = version(answer);
        };
    }

    private static Thread repeat(
            String name, AtomicBoolean ended, ConcurrentLinkedQueue<Throwable> faults, Random random, Step step) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (!ended.get()) {
                            step.take(random);
                        }
                    } catch (RuntimeException | AssertionError e) {
                        faults.add(e);
                    }
                },
                name);
        thread.start();
        return thread;
    }

    @Test
    void withRedisHangingOrStoppedAnswersGoOnAndAreCountedAndRedisComesBackByItself() {
        Item item = new Item("unshaken");
        register(atHolder, item.next());
        awaitNearCacheAt(atSecond, item.key());
        double faultsBefore = counted("waymark.redis.faults");

        redis.pause();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            // A key that no cache holds has to be looked for below Redis.
            RawAnswer answer = resolve(atSecond, new Item("unknown-" + UUID.randomUUID()).key());
            assertThat(answer.outcome()).isEqualTo(Outcome.NOT_FOUND);
            assertThat(version(resolve(atSecond, item.key()))).isEqualTo(item.current.version());
            return counted("waymark.redis.lookup.faults") > 0 && counted("waymark.redis.faults") > faultsBefore;
        });
        redis.resume();
        awaitNearCacheAt(atSecond, item.key());

        redis.stop();
        register(atSecond, item.next());
        assertThat(version(resolve(atHolder, item.key()))).isEqualTo(item.current.version());
        assertThat(version(resolve(atSecond, item.key()))).isEqualTo(item.current.version());
        await().atMost(Duration.ofSeconds(20))
                .until(() -> holder.info().getRedis().equals("away"));

        redis.start();
        awaitNearCacheAt(atSecond, item.key());
        assertThat(version(resolve(atSecond, item.key()))).isEqualTo(item.current.version());
        assertThat(holder.info().getRedis()).isEqualTo("connected");
    }

    @Test
    void aNodeWhoseRegistryIsAwayServesWhatItHoldsAsStale() {
        Item item = new Item("kept");
        register(atHolder, item.next());
        awaitNearCacheAt(atSecond, item.key());
        holder.close();

        await().atMost(Duration.ofSeconds(20))
                .until(() -> resolve(atSecond, item.key()).stale());

        assertThat(resolve(atSecond, item.key()).payload()).isEqualTo(item.current.encoded());
        List<ByteString> next = List.of(item.next().encoded());
        assertThat(atSecond.register(next)).failsWithin(Duration.ofSeconds(30));
    }
}
