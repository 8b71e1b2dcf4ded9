package org.waymark.client;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that the clients of a process verify and sign on, unless they are given others: one a processor, ended when they are
 * idle. Not the common pool: where that has one thread only, as on two processors, a {@code CompletableFuture} starts a thread for
 * every task instead.
 */
final class SharedWorkers {

    private static final Executor WORKERS = start();

    private SharedWorkers() {}

    private static Executor start() {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor workers =
                new ThreadPoolExecutor(threads, threads, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "waymark-worker-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        workers.allowCoreThreadTimeOut(true);
        return workers;
    }

    static Executor get() {
        return WORKERS;
    }
}
