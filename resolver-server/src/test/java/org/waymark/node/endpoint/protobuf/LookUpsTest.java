package org.waymark.node.endpoint.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.key;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.record;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.waymark.node.resolve.Query;

class LookUpsTest {

    private final AtomicInteger wakes = new AtomicInteger();
    private final List<Integer> taken = new ArrayList<>();

    private LookUps asked(int count) {
        LookUps lookUps = new LookUps(woken -> wakes.incrementAndGet());
        add(lookUps, count);
        return lookUps;
    }

    private static void add(LookUps lookUps, int count) {
        for (int i = 0; i < count; i++) {
            lookUps.add(Query.of(key("88.118.8/" + i)), new LookUps.Asker(i, 0, null, 0));
        }
        lookUps.complete();
    }

    private void take(LookUps lookUps) {
        lookUps.take((query, asker, answer, fault) -> {
            assertThat(answer == null).isNotEqualTo(fault == null);
            taken.add(asker.requestId());
        });
    }

    @Test
    void whatIsToldWhileTheAskerAsksWakesNobody() {
        LookUps lookUps = asked(3);
        lookUps.answered(2, record("c"));
        lookUps.failed(0, new IllegalStateException("no disk"));
        lookUps.flush();
        take(lookUps);

        assertThat(wakes).hasValue(0);
        assertThat(taken).containsExactly(0, 2);
    }

    @Test
    void whatIsToldLaterIsTakenAllAtOnce() {
        LookUps lookUps = asked(3);
        take(lookUps);
        lookUps.answered(1, record("b"));
        lookUps.flush();
        lookUps.answered(0, record("a"));
        lookUps.flush();
        take(lookUps);

        assertThat(wakes).hasValue(1);
        assertThat(taken).containsExactly(0, 1);

        lookUps.answered(2, record("c"));
        lookUps.flush();
        take(lookUps);
        assertThat(wakes).hasValue(2);
        assertThat(taken).containsExactly(0, 1, 2);
    }

    @Test
    void nothingThatManyThreadsTellIsLostOrTakenTwice() throws Exception {
        for (int round = 0; round < 200; round++) {
            BlockingQueue<LookUps> woken = new LinkedBlockingQueue<>();
            LookUps lookUps = new LookUps(woken::add);
            int count = 64;
            add(lookUps, count);
            List<Thread> tellers = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int first = t;
                Thread teller = new Thread(() -> {
                    for (int place = first; place < count; place += 4) {
                        lookUps.answered(place, record("x"));
                        lookUps.flush();
                    }
                });
                tellers.add(teller);
                teller.start();
            }
            BitSet seen = new BitSet();
            take(lookUps);
            while (taken.size() < count) {
                assertThat(woken.poll(30, TimeUnit.SECONDS)).isSameAs(lookUps);
                take(lookUps);
            }
            for (Thread teller : tellers) {
                teller.join();
            }
            taken.forEach(seen::set);
            assertThat(seen.cardinality()).isEqualTo(count);
            assertThat(taken).hasSize(count);
            taken.clear();
        }
    }
}
