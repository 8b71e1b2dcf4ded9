package org.waymark.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class SharedWorkersTest {

    @Test
    void manyTasksTakeFewThreads() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        List<CompletableFuture<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            tasks.add(CompletableFuture.runAsync(() -> threads.add(Thread.currentThread()), SharedWorkers.get()));
        }
        tasks.forEach(CompletableFuture::join);

        assertThat(threads)
                .hasSizeLessThanOrEqualTo(Math.max(2, Runtime.getRuntime().availableProcessors()));
    }
}
