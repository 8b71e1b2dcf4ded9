package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.waymark.node.cache.RedisKeys.ascii;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.node.CuttableProxy;
import org.waymark.node.TestParties;
import org.waymark.node.resolve.Answer;
import org.waymark.ops.redis.RedisServer;
import org.waymark.ops.redis.RedisSource;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.Suite;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult.Code;
import org.waymark.wire.AnswerSource;

/** A writer and a follower around one Redis, each over a link of its own that can be cut. */
class RedisCoherenceIT {

    private static final long NEAR_CACHE_BYTES = 10_000_000;
    private static final Duration SOON = Duration.ofSeconds(10);
    /** What an answer may take while Redis hangs: a look-up's and a lease's time-out, on a busy machine. */
    private static final Duration BOUND = Duration.ofSeconds(4);

    private static RedisServer redis;
    private static RedisClient client;
    private static int tests;

    private final String namespace = "coherence" + ++tests;
    private final TestParties parties = new TestParties(Suite.ED25519);
    private final Registrant maker = Registrant.maker(parties);
    private final RecordKey pump = maker.item("pump");

    @TempDir
    private Path home;

    private CuttableProxy writerLink;
    private CuttableProxy followerLink;
    private RemoteRegistry remote;
    private CachedNode writer;
    private CachedNode follower;

    @BeforeAll
    static void startRedis() {
        redis = RedisSource.ownProcess();
        client = RedisClient.create();
    }

    @AfterAll
    static void stopRedis() {
        client.shutdown();
        redis.close();
    }

    @BeforeEach
    void open() {
        writerLink = new CuttableProxy(redis.uri());
        followerLink = new CuttableProxy(redis.uri());
        writer = openWriter();
        remote = new RemoteRegistry(() -> writer.authority(), 0);
        follower = CachedNode.follower(remote, followerLink.uri(), namespace, NEAR_CACHE_BYTES);
        register(parties.prefixRecords().get(0));
        register(maker.nextOfPrefix(true));
    }

    private CachedNode openWriter() {
        return CachedNode.writer(
                home.resolve("registry"), parties.anchors(), writerLink.uri(), namespace, NEAR_CACHE_BYTES);
    }

    @AfterEach
    void close() {
        follower.close();
        writer.close();
        followerLink.close();
        writerLink.close();
    }

    private void connect() {
        writer.connect();
        follower.connect();
        awaitTrust();
    }

    private void awaitTrust() {
        await().atMost(SOON).until(() -> writer.trustsRedis() && follower.trustsRedis());
    }

    private void register(IdentifierRecord record) {
        registerOn(writer, record);
    }

    private static void registerOn(CachedNode node, IdentifierRecord record) {
        assertThat(node.register(record).getCode()).isIn(Code.CREATED, Code.UPDATED);
    }

    private static long version(Answer answer) {
        assertThat(answer.content().outcome()).isEqualTo(Outcome.RECORD);
        return CachedNode.version(answer);
    }

    private static void awaitVersion(CachedNode node, RecordKey key, long version, Duration atMost) {
        await().atMost(atMost).pollInterval(Duration.ofMillis(2)).until(() -> node.version(key) == version);
    }

    private static void awaitSource(CachedNode node, RecordKey key, AnswerSource source) {
        await().atMost(SOON).until(() -> node.resolve(key).source() == source);
    }

    /** Asks often for a while; whatever is answered, and by whom, it must be this version. */
    private static void staysAt(CachedNode node, RecordKey key, long version, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            assertThat(version(node.resolve(key))).isEqualTo(version);
            Thread.yield();
        }
    }

    private void inRedis(Consumer<RedisCommands<byte[], byte[]>> work) {
        try (StatefulRedisConnection<byte[], byte[]> connection =
                client.connect(ByteArrayCodec.INSTANCE, RedisURI.create(redis.uri()))) {
            work.accept(connection.sync());
        }
    }

    private List<byte[]> redisKeys(RedisCommands<byte[], byte[]> commands, String pattern) {
        return commands.keys(namespace + pattern);
    }

    @Test
    void aMissFillsRedisAndTheNextNodeIsAnsweredFromThere() {
        register(maker.nextOf("pump"));
        connect();

        assertThat(follower.resolve(pump).source()).isEqualTo(AnswerSource.OTHER_NODE);
        try (CachedNode another = CachedNode.follower(remote, redis.uri(), namespace, NEAR_CACHE_BYTES)
                .connect()) {
            await().atMost(SOON).until(another::trustsRedis);
            inRedis(commands -> await().atMost(SOON)
                    .until(() -> redisKeys(commands, ":*pump").size() == 1));
            remote.setAway(true);

            Answer answer = another.resolve(pump);
            assertThat(answer.source()).isEqualTo(AnswerSource.REDIS);
            assertThat(version(answer)).isEqualTo(1);
            awaitSource(another, pump, AnswerSource.NEAR_CACHE);
        }
    }

    @Test
    void aWriteIsPublishedAndReachesTheNearCacheOfTheOtherNode() {
        register(maker.nextOf("pump"));
        connect();
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);

        register(maker.nextOf("pump"));

        assertThat(version(writer.resolve(pump))).isEqualTo(2);
        awaitVersion(follower, pump, 2, Duration.ofSeconds(1));
        staysAt(follower, pump, 2, Duration.ofMillis(600));
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);
    }

    @Test
    void theNodeThatTookAWriteAnswersWithItAtOnce() {
        connect();
        for (CachedNode node : List.of(writer, follower)) {
            for (int i = 0; i < 20; i++) {
                IdentifierRecord next = maker.nextOf("pump");
                node.resolve(pump);
                registerOn(node, next);
                assertThat(version(node.resolve(pump))).isEqualTo(next.version());
            }
        }
    }

    @Test
    void aNodeThatFoundAWriteStoredAlreadyAnswersWithItAtOnce() {
        connect();
        for (int i = 0; i < 20; i++) {
            IdentifierRecord next = maker.nextOf("pump");
            follower.resolve(pump);
            register(next);
            assertThat(follower.register(next).getCode()).isEqualTo(Code.UNCHANGED);
            assertThat(version(follower.resolve(pump))).isEqualTo(next.version());
        }
    }

    @Test
    void aDisabledPrefixIsSilentOnTheOtherNodeAndAnEnabledOneIsHeardAgain() {
        register(maker.nextOf("pump"));
        register(maker.nextOf("crane"));
        connect();
        List<RecordKey> items = List.of(pump, maker.item("crane"));
        items.forEach(follower::resolve);

        register(maker.nextOfPrefix(false));
        for (RecordKey item : items) {
            assertThat(writer.resolve(item).content().outcome()).isEqualTo(Outcome.RECORD_REVOKED);
            await().atMost(Duration.ofSeconds(1))
                    .until(() -> follower.resolve(item).content().outcome() == Outcome.RECORD_REVOKED);
        }

        register(maker.nextOfPrefix(true));
        for (RecordKey item : items) {
            assertThat(version(writer.resolve(item))).isEqualTo(1);
            awaitVersion(follower, item, 1, Duration.ofSeconds(1));
        }
    }

    @Test
    void aFollowerThatStartsLaterKnowsOfADisabledPrefix() {
        connect();
        register(maker.nextOf("pump"));
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);
        register(maker.nextOfPrefix(false));

        try (CachedNode later = CachedNode.follower(remote, redis.uri(), namespace, NEAR_CACHE_BYTES)
                .connect()) {
            await().atMost(SOON).until(later::trustsRedis);
            assertThat(later.resolve(pump).content().outcome()).isEqualTo(Outcome.RECORD_REVOKED);
        }
    }

    @Test
    void aFollowerThatStartsLaterKnowsOfAPrefixThatTookOver() {
        Registrant branch = Registrant.withNewKeys(parties, "88.118.77");
        RecordKey item = branch.item("1");
        connect();
        follower.resolve(item);
        inRedis(commands -> await().atMost(SOON)
                .until(() -> redisKeys(commands, ":*88.118.77/1").size() == 1));
        register(branch.nextOfPrefix(true));
        // The denial by the prefix above is still in Redis; only the new prefix record and the change were published.
        inRedis(commands -> assertThat(redisKeys(commands, ":*88.118.77/1")).hasSize(1));

        try (CachedNode later = CachedNode.follower(remote, redis.uri(), namespace, NEAR_CACHE_BYTES)
                .connect()) {
            await().atMost(SOON).until(later::trustsRedis);
            Answer answer = later.resolve(item);
            assertThat(answer.source()).isEqualTo(AnswerSource.OTHER_NODE);
        }
    }

    @Test
    void aDenialIsReplacedByARegistration() {
        connect();
        assertThat(follower.resolve(pump).content().outcome()).isEqualTo(Outcome.NOT_FOUND);
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);

        register(maker.nextOf("pump"));

        await().atMost(Duration.ofSeconds(1))
                .until(() -> follower.resolve(pump).content().outcome() == Outcome.RECORD);
        assertThat(version(writer.resolve(pump))).isEqualTo(1);
    }

    @Test
    void aFollowerWithoutRedisAsksTheRegistryAndHeals() {
        register(maker.nextOf("pump"));
        connect();
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);
        followerLink.cut();
        await().atMost(SOON).until(() -> !follower.trustsRedis());

        register(maker.nextOf("pump"));
        Answer answer = follower.resolve(pump);
        assertThat(version(answer)).isEqualTo(2);
        assertThat(answer.source()).isEqualTo(AnswerSource.OTHER_NODE);

        followerLink.restore();
        awaitTrust();
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);
        register(maker.nextOf("pump"));
        awaitVersion(follower, pump, 3, Duration.ofSeconds(1));
    }

    @Test
    void aFollowerWhoseLinkIsSilentTrustsItsNearCacheNoLongerThanAHeartbeat() {
        register(maker.nextOf("pump"));
        connect();
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);
        followerLink.pause();
        register(maker.nextOf("pump"));

        awaitVersion(follower, pump, 2, RedisHeartbeat.LIFE.plusSeconds(1));
        staysAt(follower, pump, 2, Duration.ofMillis(300));
        followerLink.restore();
        awaitTrust();
        staysAt(follower, pump, 2, Duration.ofMillis(500));
    }

    @Test
    void withoutRedisAndRegistryAnOldAnswerIsServedAsStale() {
        register(maker.nextOf("pump"));
        connect();
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);
        followerLink.cut();
        remote.setAway(true);
        await().atMost(SOON).until(() -> !follower.trustsRedis());

        Answer answer = follower.resolve(pump);
        assertThat(answer.stale()).isTrue();
        assertThat(version(answer)).isEqualTo(1);
    }

    @Test
    void aFlushedRedisIsFilledAnew() {
        connect();
        register(maker.nextOf("pump"));
        awaitVersion(follower, pump, 1, SOON);
        inRedis(RedisCommands::flushall);
        staysAt(follower, pump, 1, Duration.ofMillis(200));

        register(maker.nextOf("pump"));
        assertThat(version(writer.resolve(pump))).isEqualTo(2);
        awaitVersion(follower, pump, 2, RedisHeartbeat.LIFE.plusSeconds(1));
        awaitTrust();
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);
        register(maker.nextOf("pump"));
        awaitVersion(follower, pump, 3, Duration.ofSeconds(1));
    }

    @Test
    void prefixChangesThatRedisEvictedAreMissed() {
        connect();
        register(maker.nextOf("pump"));
        register(maker.nextOfPrefix(false));
        await().atMost(SOON).until(() -> follower.resolve(pump).content().outcome() == Outcome.RECORD_REVOKED);
        inRedis(commands -> redisKeys(commands, ":*:g").forEach(commands::del));

        try (CachedNode later = CachedNode.follower(remote, redis.uri(), namespace, NEAR_CACHE_BYTES)
                .connect()) {
            await().atMost(SOON).until(later::trustsRedis);
            assertThat(later.resolve(pump).content().outcome()).isEqualTo(Outcome.RECORD_REVOKED);
        }
        awaitTrust();
        register(maker.nextOfPrefix(true));
        awaitVersion(follower, pump, 1, Duration.ofSeconds(1));
    }

    @Test
    void aStoppedRedisIsMissedByNobody() {
        register(maker.nextOf("pump"));
        connect();
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);
        redis.stop();
        try {
            register(maker.nextOf("pump"));
            assertThat(version(writer.resolve(pump))).isEqualTo(2);
            awaitVersion(follower, pump, 2, RedisHeartbeat.LIFE.plusSeconds(1));
        } finally {
            redis.start();
        }
        awaitTrust();
        staysAt(follower, pump, 2, Duration.ofMillis(300));
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);
    }

    @Test
    void aRedisThatComesBackWithAnOlderSnapshotNeverServesIt() throws IOException {
        connect();
        register(maker.nextOf("pump"));
        awaitVersion(follower, pump, 1, SOON);
        inRedis(commands ->
                await().atMost(SOON).until(() -> redisKeys(commands, ":*pump").size() == 1));
        inRedis(RedisCommands::save);
        Path dump = redis.dataDir().resolve("dump.rdb");
        Path old = Files.copy(dump, home.resolve("old.rdb"));

        register(maker.nextOf("pump"));
        awaitVersion(follower, pump, 2, Duration.ofSeconds(1));
        redis.stop();
        Files.copy(old, dump, StandardCopyOption.REPLACE_EXISTING);
        redis.start();
        try {
            inRedis(commands -> assertThat(redisKeys(commands, ":*pump")).isNotEmpty());
            staysAt(follower, pump, 2, Duration.ofMillis(1_500));
            staysAt(writer, pump, 2, Duration.ofMillis(100));
            awaitTrust();
            staysAt(follower, pump, 2, Duration.ofMillis(300));
            try (CachedNode later = CachedNode.follower(remote, redis.uri(), namespace, NEAR_CACHE_BYTES)
                    .connect()) {
                staysAt(later, pump, 2, Duration.ofMillis(300));
                await().atMost(SOON).until(later::trustsRedis);
                staysAt(later, pump, 2, Duration.ofMillis(100));
            }
        } finally {
            Files.delete(dump);
        }
    }

    @Test
    void whileRedisHangsAnswersGoOnWithinBoundedTime() {
        register(maker.nextOf("pump"));
        connect();
        awaitSource(follower, pump, AnswerSource.NEAR_CACHE);
        redis.pause();
        try {
            register(maker.nextOf("pump"));
            long start = System.nanoTime();
            assertThat(version(writer.resolve(pump))).isEqualTo(2);
            awaitVersion(follower, pump, 2, RedisHeartbeat.LIFE.plusSeconds(1));
            follower.resolve(maker.item("never asked before"));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(RedisHeartbeat.LIFE.plus(BOUND));
            for (CachedNode node : List.of(writer, follower)) {
                start = System.nanoTime();
                node.resolve(maker.item("nor this"));
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
            }
        } finally {
            redis.resume();
        }
        awaitTrust();
        staysAt(follower, pump, 2, Duration.ofMillis(200));
    }

    @Test
    void foreignValuesInPlaceOfAnEntryAreIgnoredAndReplaced() {
        connect();
        register(maker.nextOf("pump"));
        inRedis(commands -> {
            await().atMost(SOON).until(() -> redisKeys(commands, ":*pump").size() == 1);
            byte[] key = redisKeys(commands, ":*pump").get(0);
            byte[] foreignOwner = RedisEntry.encode(Answers.owned(pump, "forged", 1L << 40, Long.MAX_VALUE));
            for (byte[] garbage : List.of(ascii("garbage"), ascii("G".repeat(100)), new byte[0], foreignOwner)) {
                commands.set(key, garbage);
                awaitVersion(follower, pump, 1, Duration.ofSeconds(1));
            }
            replaceByList(commands, key);
            awaitVersion(follower, pump, 1, Duration.ofSeconds(1));

            replaceByList(commands, key);
            register(maker.nextOf("pump"));
            awaitVersion(follower, pump, 2, Duration.ofSeconds(1));
            await().atMost(SOON).until(() -> commands.type(key).equals("string"));
        });
        assertThat(writer.trustsRedis() && follower.trustsRedis()).isTrue();
    }

    /** In one step, since a node may fill in between. */
    private static void replaceByList(RedisCommands<byte[], byte[]> commands, byte[] key) {
        commands.multi();
        commands.del(key);
        commands.lpush(key, ascii("a list"));
        commands.exec();
    }

    @Test
    void aWriterWithoutRedisIsNoticedWithinTheHeartbeatsLife() {
        connect();
        register(maker.nextOf("pump"));
        awaitVersion(follower, pump, 1, SOON);
        writerLink.cut();
        register(maker.nextOf("pump"));
        assertThat(version(writer.resolve(pump))).isEqualTo(2);

        awaitVersion(follower, pump, 2, RedisHeartbeat.LIFE.plusSeconds(1));
        for (int i = 0; i < 50; i++) {
            register(maker.nextOf("crane"));
        }
        staysAt(follower, pump, 2, Duration.ofMillis(300));
        writerLink.restore();
        staysAt(follower, pump, 2, Duration.ofMillis(1_000));
        awaitTrust();
        staysAt(follower, pump, 2, Duration.ofMillis(300));
        assertThat(version(follower.resolve(maker.item("crane")))).isEqualTo(50);
    }

    @Test
    void whatAWriterHadNotPublishedWhenItEndedIsPublishedWhenItStartsAgain() {
        connect();
        register(maker.nextOf("pump"));
        register(maker.nextOf("crane"));
        awaitVersion(follower, pump, 1, SOON);
        awaitVersion(follower, maker.item("crane"), 1, SOON);
        writerLink.cut();
        register(maker.nextOf("pump"));
        register(maker.nextOfPrefix(false));
        writer.close();
        writerLink.restore();
        writer = openWriter();
        writer.connect();

        await().atMost(RedisHeartbeat.LIFE.plusSeconds(2))
                .until(() -> follower.resolve(pump).content().outcome() == Outcome.RECORD_REVOKED);
        assertThat(writer.resolve(pump).content().outcome()).isEqualTo(Outcome.RECORD_REVOKED);
        awaitTrust();
        for (RecordKey item : List.of(pump, maker.item("crane"))) {
            assertThat(follower.resolve(item).content().outcome()).isEqualTo(Outcome.RECORD_REVOKED);
        }
        register(maker.nextOfPrefix(true));
        awaitVersion(follower, pump, 2, Duration.ofSeconds(1));
    }
}
