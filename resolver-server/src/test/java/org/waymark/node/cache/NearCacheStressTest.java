package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.cache.Answers.item;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Query;
import org.waymark.record.RecordKey;
import org.waymark.wire.AnswerSource;

/** Threads that commit, invalidate, fill and read at the same time, over a registry of a few numbers. */
class NearCacheStressTest {

    private static final int KEYS = 4;
    private static final int COMMITS = 20_000;
    private static final int READERS = 4;

    private final PrefixGenerations generations = new PrefixGenerations();
    private final NearCache cache = new NearCache(1_000_000, 10, generations, NearCacheTrust.ALWAYS, Clock.systemUTC());
    private final List<RecordKey> keys = new ArrayList<>();
    /** What is committed, and up to where readers have been told. */
    private final AtomicLongArray committed = new AtomicLongArray(KEYS);

    private final AtomicLongArray invalidated = new AtomicLongArray(KEYS);
    private final AtomicBoolean ended = new AtomicBoolean();
    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();

    NearCacheStressTest() {
        for (int i = 0; i < KEYS; i++) {
            keys.add(item("88.118.8/" + i));
        }
    }

    private Answer read(int key) {
        long sequence = committed.get(key);
        if (sequence % 3 == 0) {
            Thread.yield();
        }
        return Answer.of(Answers.record("v" + sequence, sequence, Long.MAX_VALUE / 2), AnswerSource.REGISTRY);
    }

    private void stress(IntConsumer invalidate, IntConsumer readOnce) throws Exception {
        CyclicBarrier together = new CyclicBarrier(READERS + 1);
        List<Thread> threads = new ArrayList<>();
        for (int reader = 0; reader < READERS; reader++) {
            threads.add(new Thread(() -> {
                try {
                    together.await();
                    for (int i = 0; !ended.get(); i++) {
                        readOnce.accept(i % KEYS);
                    }
                } catch (Exception e) {
                    faults.add(e.toString());
                }
            }));
        }
        threads.forEach(Thread::start);
        together.await();
        for (int i = 0; i < COMMITS && faults.isEmpty(); i++) {
            int key = i % KEYS;
            long sequence = committed.incrementAndGet(key);
            invalidate.accept(key);
            invalidated.set(key, sequence);
        }
        ended.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(faults).isEmpty();
    }

    private void check(int key, long floor, long seen) {
        if (seen < floor) {
            faults.add(keys.get(key) + " was answered as of " + seen + " after the invalidation of " + floor);
        }
    }

    @Test
    void nothingOlderThanAnInvalidationIsFreshAfterIt() throws Exception {
        stress(key -> cache.invalidate(keys.get(key)), key -> {
            long floor = invalidated.get(key);
            NearCache.Entry entry = cache.fresh(keys.get(key));
            if (entry != null) {
                check(key, floor, entry.answer().sequence());
            }
            NearCache.Ticket ticket = cache.beginFill(keys.get(key));
            cache.fill(ticket, read(key).content());
        });
    }

    @Test
    void nothingOlderThanAnInvalidationIsAnsweredAfterItNorJoined() throws Exception {
        NearCacheLink link = new NearCacheLink(
                cache,
                query -> CompletableFuture.completedFuture(read(keys.indexOf(query.key()))),
                0,
                Clock.systemUTC());
        stress(key -> link.invalidate(keys.get(key)), key -> {
            long floor = invalidated.get(key);
            check(
                    key,
                    floor,
                    link.resolve(Query.of(keys.get(key))).join().content().sequence());
        });
    }

    @Test
    void nothingOlderThanAPrefixChangeIsAnsweredAfterIt() throws Exception {
        NearCacheLink link =
                new NearCacheLink(cache, query -> CompletableFuture.completedFuture(read(0)), 0, Clock.systemUTC());
        stress(key -> generations.changed(Answers.MAKER, committed.get(0)), key -> {
            long floor = invalidated.get(0);
            check(
                    key,
                    floor,
                    link.resolve(Query.of(keys.get(key))).join().content().sequence());
        });
    }
}
