package org.waymark.node.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.waymark.node.cache.Answers.MAKER;
import static org.waymark.node.cache.Answers.PUMP;
import static org.waymark.node.cache.Answers.record;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.ops.redis.RedisServer;
import org.waymark.ops.redis.RedisSource;
import org.waymark.v1.Outcome;

class RedisScriptsIT {

    private static final long LIFE = 60_000;
    private static final byte[] TOKEN = {1, 2, 3, 4, 5, 6, 7, 8};

    private static RedisServer redis;
    private static RedisClient client;
    private static int tests;

    private final RedisKeys keys = new RedisKeys("scripts");
    private final String space = "space" + ++tests;
    private RedisSession publisher;
    private RedisSession reader;

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
    void connect() {
        publisher = open();
        reader = open();
        publisher.becomePublisher(space);
    }

    @AfterEach
    void disconnect() {
        publisher.close();
        reader.close();
    }

    private RedisSession open() {
        return RedisSession.open(client, RedisURI.create(redis.uri()), keys);
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static StoredAnswer pump(String text, long sequence) {
        return record(text, sequence, System.currentTimeMillis() + LIFE);
    }

    private static StoredAnswer denial(long sequence) {
        return new StoredAnswer(Outcome.NOT_FOUND, new byte[0], sequence, System.currentTimeMillis() + LIFE, MAKER);
    }

    private long write(StoredAnswer answer) {
        return await(publisher.write(space, PUMP, answer, LIFE));
    }

    private long fill(StoredAnswer answer) {
        return await(reader.fill(space, PUMP, answer, LIFE, TOKEN));
    }

    private void takeLease() {
        await(reader.lease(space, List.of(PUMP), TOKEN));
    }

    private String held() {
        byte[] bytes = reader.sync().get(keys.entry(space, PUMP));
        if (bytes == null) {
            return null;
        }
        StoredAnswer answer = await(reader.get(space, List.of(PUMP))).get(0);
        return answer == null ? "garbage" : Answers.text(answer);
    }

    @Test
    void aWriteReplacesWhatIsAsOldOrOlder() {
        assertThat(write(pump("one", 5))).isEqualTo(1);
        assertThat(write(pump("again", 5))).isEqualTo(1);
        assertThat(write(pump("two", 6))).isEqualTo(1);

        assertThat(held()).isEqualTo("two");
    }

    @Test
    void aWriteReplacesNothingNewer() {
        write(pump("two", 6));

        assertThat(write(pump("one", 5))).isZero();
        assertThat(held()).isEqualTo("two");
    }

    @Test
    void sequencesAreComparedAsNumbersOfEightBytes() {
        write(pump("two", 256));

        assertThat(write(pump("one", 255))).isZero();
        assertThat(write(pump("three", 1L << 40))).isEqualTo(1);
        assertThat(write(pump("two", 257))).isZero();
    }

    @Test
    void anEntryEndsWithItsLife() {
        write(pump("one", 5));

        assertThat(reader.sync().pttl(keys.entry(space, PUMP))).isBetween(1L, LIFE);
    }

    @Test
    void aFillWithItsLeaseIsTaken() {
        takeLease();

        assertThat(fill(pump("one", 5))).isEqualTo(1);
        assertThat(held()).isEqualTo("one");
    }

    @Test
    void aFillWithoutLeaseIsRefused() {
        assertThat(fill(pump("one", 5))).isZero();
        assertThat(held()).isNull();
    }

    @Test
    void aLeaseIsGoodForOneFill() {
        takeLease();
        fill(pump("one", 5));

        assertThat(fill(pump("two", 6))).isZero();
        assertThat(held()).isEqualTo("one");
    }

    @Test
    void theLeaseOfALaterMissTakesOver() {
        takeLease();
        await(reader.lease(space, List.of(PUMP), new byte[] {9}));

        assertThat(fill(pump("one", 5))).isZero();
    }

    @Test
    void aLeaseEndsByItself() {
        takeLease();

        assertThat(reader.sync().pttl(keys.lease(space, PUMP))).isBetween(1L, 5_000L);
    }

    @Test
    void aLateFillAfterAWriteIsRefused() {
        takeLease();
        write(pump("two", 6));

        assertThat(fill(pump("one", 5))).isZero();
        assertThat(fill(denial(5))).isZero();
        assertThat(held()).isEqualTo("two");
    }

    @Test
    void aLateFillAfterARemovalIsRefused() {
        write(pump("one", 5));
        takeLease();
        await(publisher.remove(space, PUMP));

        assertThat(fill(pump("one", 5))).isZero();
        assertThat(fill(denial(5))).isZero();
        assertThat(held()).isNull();
    }

    @Test
    void aFillReplacesNothingNewer() {
        write(pump("two", 6));
        takeLease();

        assertThat(fill(pump("one", 5))).isZero();
        assertThat(held()).isEqualTo("two");
    }

    @Test
    void foreignBytesUnderTheKeyAreReplaced() {
        reader.sync().set(keys.entry(space, PUMP), "some text that is long enough to compare".getBytes(UTF_8));

        assertThat(write(pump("one", 5))).isEqualTo(1);
        assertThat(held()).isEqualTo("one");
    }

    @Test
    void aForeignTypeUnderTheKeyIsReplaced() {
        reader.sync().lpush(keys.entry(space, PUMP), TOKEN);
        takeLease();

        assertThat(fill(pump("one", 5))).isEqualTo(1);
        assertThat(held()).isEqualTo("one");
    }

    @Test
    void whatAnEndedPublisherSentLateDoesNothing() {
        RedisSession next = open();
        next.becomePublisher(space);
        await(next.publishGeneration(space, MAKER, 9));

        assertThatThrownBy(() -> write(pump("one", 5))).hasMessageContaining("FENCED");
        assertThatThrownBy(() -> await(publisher.remove(space, PUMP))).hasMessageContaining("FENCED");
        assertThatThrownBy(() -> await(publisher.publishGeneration(space, MAKER, 5)))
                .hasMessageContaining("FENCED");
        assertThat(held()).isNull();
        assertThat(RedisGenerations.decode(reader.sync().hgetall(keys.generations(space))))
                .hasValueSatisfying(changes -> assertThat(changes).containsEntry(MAKER, 9L));
        assertThat(publisher.isPublisher(space)).isFalse();
        assertThat(next.isPublisher(space)).isTrue();
        next.close();
    }

    @Test
    void nothingIsWrittenToASpaceThatRedisHasLost() {
        reader.sync().del(keys.generations(space));

        assertThatThrownBy(() -> write(pump("one", 5))).hasMessageContaining("FENCED");
        assertThat(publisher.isPublisher(space)).isFalse();
    }
}
