package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.node.CuttableProxy;
import org.waymark.node.TestParties;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.ops.redis.RedisServer;
import org.waymark.ops.redis.RedisSource;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.Suite;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult.Code;

/**
 * Two nodes and a Redis while everything happens at once: writes through both nodes, a prefix that is disabled and enabled, links
 * that break, a Redis that is flushed, hangs, and comes back with what it knew earlier. Versions never go backwards on a node.
 */
class CoherenceHammerIT {

    private static final Duration TIME = Duration.ofSeconds(20);
    /** The heartbeat's life, and what a busy machine adds. */
    private static final Duration SILENCE_BOUND = RedisHeartbeat.LIFE.plusSeconds(3);
    /** So few that entries are evicted all the time. */
    private static final long NEAR_CACHE_BYTES = 6_000;

    private static final int ITEMS = 12;
    private static final int UPDATERS = 2;
    private static final int READERS_PER_NODE = 2;
    private static final int MEASURED_UPDATES = 400;

    private final long seed = System.nanoTime();
    private final TestParties parties = new TestParties(Suite.ED25519);
    private final Registrant maker = Registrant.maker(parties);
    private final Registrant platform = Registrant.platform(parties);
    private final List<RecordKey> items = new ArrayList<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();
    private final AtomicLong updates = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong toggles = new AtomicLong();
    private final AtomicLong blows = new AtomicLong();

    @TempDir
    private Path home;

    private RedisServer redis;
    private RedisClient client;
    private CuttableProxy writerLink;
    private CuttableProxy followerLink;
    private RemoteRegistry remote;
    private View writer;
    private View follower;

    /** A node, and the highest version of each item that it has shown or acknowledged. */
    private static final class View implements AutoCloseable {

        private final String name;
        private final CachedNode node;
        private final AtomicLongArray seen = new AtomicLongArray(ITEMS);

        View(String name, CachedNode node) {
            this.name = name;
            this.node = node;
        }

        void read(int item, RecordKey key, boolean pastCaches) {
            long before = seen.get(item);
            Answer answer = pastCaches ? node.resolvePastCaches(key) : node.resolve(key);
            long version = CachedNode.version(answer);
            assertThat(version)
                    .as("version of %s on the %s: %s", key, name, answer)
                    .isGreaterThanOrEqualTo(before);
            saw(item, version);
        }

        void saw(int item, long version) {
            seen.accumulateAndGet(item, version, Math::max);
        }

        Outcome outcome(RecordKey key) {
            return node.resolve(key).content().outcome();
        }

        @Override
        public void close() {
            node.close();
        }
    }

    @BeforeEach
    void open() {
        redis = RedisSource.ownProcess();
        client = RedisClient.create();
        writerLink = new CuttableProxy(redis.uri());
        followerLink = new CuttableProxy(redis.uri());
        for (int i = 0; i < ITEMS; i++) {
            items.add(maker.item("item-" + i));
        }
    }

    private void connect(int maxDelayMillis, long nearCacheBytes) {
        CachedNode holder = CachedNode.writer(
                home.resolve("registry"), parties.anchors(), writerLink.uri(), "hammer", nearCacheBytes);
        remote = new RemoteRegistry(holder::authority, maxDelayMillis);
        writer = new View("writer", holder.connect());
        follower = new View(
                "follower",
                CachedNode.follower(remote, followerLink.uri(), "hammer", nearCacheBytes)
                        .connect());
        register(writer, parties.prefixRecords().get(0));
        register(writer, maker.nextOfPrefix(true));
        register(writer, platform.nextOfPrefix(true));
        register(writer, platform.nextOf("static"));
        awaitTrust();
    }

    @AfterEach
    void close() {
        follower.close();
        writer.close();
        followerLink.close();
        writerLink.close();
        client.shutdown();
        redis.close();
    }

    private void awaitTrust() {
        await().atMost(Duration.ofSeconds(20)).until(() -> writer.node.trustsRedis() && follower.node.trustsRedis());
    }

    private static void register(View view, IdentifierRecord record) {
        assertThat(view.node.register(record).getCode()).isIn(Code.CREATED, Code.UPDATED);
    }

    private View either(Random random) {
        return random.nextBoolean() ? writer : follower;
    }

    private View other(View view) {
        return view == writer ? follower : writer;
    }

    @Test
    void versionsNeverGoBackwardsWhateverBreaks() throws Exception {
        connect(20, NEAR_CACHE_BYTES);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < UPDATERS; i++) {
            int updater = i;
            threads.add(repeat("updater", i, random -> update(updater, random)));
        }
        for (int i = 0; i < READERS_PER_NODE; i++) {
            threads.add(repeat("reader-of-writer", i, random -> read(writer, random)));
            threads.add(repeat("reader-of-follower", i, random -> read(follower, random)));
        }
        threads.add(repeat("toggler", 0, this::toggle));
        threads.add(repeat("chaos", 0, this::breakSomething));
        long end = System.nanoTime() + TIME.toNanos();
        while (System.nanoTime() < end && faults.isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        ended.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(faults).as("seed %d", seed).isEmpty();

        awaitTrust();
        for (int i = 0; i < ITEMS; i++) {
            RecordKey key = items.get(i);
            long registered = CachedNode.version(writer.node.resolvePastCaches(key));
            assertThat(writer.node.version(key)).as("seed %d", seed).isEqualTo(registered);
            await().atMost(Duration.ofSeconds(1)).until(() -> follower.node.version(key) == registered);
        }
        System.out.printf(
                "coherence hammer: %d updates, %d reads, %d toggles, %d faults injected%n",
                updates.get(), reads.get(), toggles.get(), blows.get());
        assertThat(Math.min(updates.get(), reads.get())).isGreaterThan(100);
        assertThat(Math.min(toggles.get(), blows.get())).isGreaterThan(1);
    }

    private Thread repeat(String name, int number, Consumer<Random> step) {
        Random random = new Random(seed + 31L * name.hashCode() + number);
        Thread thread = new Thread(
                () -> {
                    try {
                        while (!ended.get()) {
                            step.accept(random);
                        }
                    } catch (RuntimeException | AssertionError e) {
                        faults.add(e);
                    }
                },
                name + "-" + number);
        thread.start();
        return thread;
    }

    /** Each item has one updater. After the acknowledgement the node that took the write answers with it, or with a later one. */
    private void update(int updater, Random random) {
        int item = updater + UPDATERS * random.nextInt(ITEMS / UPDATERS);
        IdentifierRecord next = maker.nextOf("item-" + item);
        View taking = either(random);
        try {
            register(taking, next);
        } catch (CompletionException e) {
            requireAway(e);
            taking = writer;
            register(taking, next);
        }
        taking.saw(item, next.version());
        updates.incrementAndGet();
        readIfThere(taking, item, false);
        pause(random.nextInt(10));
    }

    private void read(View view, Random random) {
        readIfThere(view, random.nextInt(ITEMS), random.nextInt(20) == 0);
        reads.incrementAndGet();
        if (random.nextInt(8) == 0) {
            pause(1);
        }
    }

    private void readIfThere(View view, int item, boolean pastCaches) {
        try {
            view.read(item, items.get(item), pastCaches);
        } catch (CompletionException e) {
            requireAway(e);
        }
    }

    private void requireAway(CompletionException e) {
        if (!(e.getCause() instanceof UnavailableException)) {
            throw e;
        }
    }

    /** Disables a prefix, waits until it is silent everywhere, and enables it again. */
    private void toggle(Random random) {
        for (boolean enabled : new boolean[] {false, true}) {
            Outcome expected = enabled ? Outcome.RECORD : Outcome.RECORD_REVOKED;
            View taking = either(random);
            IdentifierRecord next = platform.nextOfPrefix(enabled);
            try {
                register(taking, next);
            } catch (CompletionException e) {
                requireAway(e);
                taking = writer;
                register(taking, next);
            }
            long acknowledged = System.nanoTime();
            RecordKey item = platform.item("static");
            whileThere(taking, item, outcome -> assertThat(outcome).isEqualTo(expected));
            AtomicBoolean heard = new AtomicBoolean();
            while (!heard.get()) {
                whileThere(other(taking), item, outcome -> heard.set(outcome == expected));
                long since = System.nanoTime() - Math.max(acknowledged, remote.backAt());
                assertThat(Duration.ofNanos(since))
                        .as("time until the %s hears of %s", other(taking).name, next.key())
                        .isLessThan(SILENCE_BOUND);
            }
            for (int i = 0; i < 200; i++) {
                View view = either(random);
                whileThere(
                        view,
                        item,
                        outcome -> assertThat(outcome)
                                .as("answer of the %s once it had heard of %s", view.name, next.key())
                                .isEqualTo(expected));
            }
        }
        toggles.incrementAndGet();
    }

    private void whileThere(View view, RecordKey key, Consumer<Outcome> check) {
        try {
            check.accept(view.outcome(key));
        } catch (CompletionException e) {
            requireAway(e);
        }
    }

    private void breakSomething(Random random) {
        pause(100 + random.nextInt(600));
        int time = 50 + random.nextInt(1_000);
        CuttableProxy link = random.nextBoolean() ? writerLink : followerLink;
        switch (random.nextInt(9)) {
            case 0, 1 -> {
                link.cut();
                pause(time);
                link.restore();
            }
            case 2 -> {
                link.pause();
                pause(time);
                link.restore();
            }
            case 3 -> {
                link.delay(random.nextInt(80));
                pause(time);
                link.restore();
            }
            case 4 -> inRedis(RedisCommands::flushall);
            case 5 -> {
                redis.pause();
                pause(time);
                redis.resume();
            }
            case 6 -> {
                remote.setAway(true);
                pause(time / 2);
                remote.setAway(false);
            }
            default -> comeBackWithAnOlderSnapshot(time);
        }
        blows.incrementAndGet();
    }

    private void comeBackWithAnOlderSnapshot(int time) {
        inRedis(RedisCommands::save);
        Path dump = redis.dataDir().resolve("dump.rdb");
        try {
            Path old = Files.copy(dump, home.resolve("old.rdb"), StandardCopyOption.REPLACE_EXISTING);
            pause(time);
            redis.kill();
            Files.copy(old, dump, StandardCopyOption.REPLACE_EXISTING);
            redis.start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void inRedis(Consumer<RedisCommands<String, String>> work) {
        try (var connection = client.connect(RedisURI.create(redis.uri()))) {
            work.accept(connection.sync());
        }
    }

    private static void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aWriteReachesTheOtherNodeWithinATenthOfASecond() {
        connect(0, 10_000_000);
        for (View taking : List.of(writer, follower)) {
            View asking = other(taking);
            long[] nanos = new long[MEASURED_UPDATES / 2];
            for (int i = 0; i < nanos.length; i++) {
                IdentifierRecord next = maker.nextOf("item-0");
                asking.node.version(next.key());
                register(taking, next);
                long acknowledged = System.nanoTime();
                while (asking.node.version(next.key()) != next.version()) {
                    Thread.onSpinWait();
                }
                nanos[i] = System.nanoTime() - acknowledged;
            }
            Arrays.sort(nanos);
            long p99 = nanos[nanos.length * 99 / 100];
            System.out.printf(
                    "from an acknowledged write on the %s to the answer of the %s: median %.2f ms, 99th percentile %.2f ms%n",
                    taking.name, asking.name, nanos[nanos.length / 2] / 1e6, p99 / 1e6);
            assertThat(Duration.ofNanos(p99)).isLessThan(Duration.ofMillis(100));
        }
    }
}
