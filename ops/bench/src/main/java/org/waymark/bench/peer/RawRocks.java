package org.waymark.bench.peer;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.data.Directories;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.KeyTable;
import org.waymark.bench.measure.CpuTime;
import org.waymark.bench.measure.Window;

/** RocksDB with nothing around it, in this process: keys are record keys, values are records. */
public final class RawRocks implements AutoCloseable {

    private static final long MIB = 1_024 * 1_024;
    private static final int CALLS_A_LOOK_AT_THE_CLOCK = 64;

    private final Deque<AbstractNativeReference> natives = new ArrayDeque<>();
    private final WriteOptions synced;
    private final WriteOptions unlogged;
    private final RocksDB db;

    /**
     * Opens a new store in a directory, in place of what is there.
     *
     * @param cacheBytes of its block cache
     */
    public RawRocks(Path directory, long cacheBytes) throws IOException, RocksDBException {
        Directories.delete(directory);
        Files.createDirectories(directory);
        RocksDB.loadLibrary();
        BlockBasedTableConfig tables = new BlockBasedTableConfig()
                .setBlockCache(own(new LRUCache(cacheBytes)))
                .setFilterPolicy(own(new BloomFilter(10)));
        Options options = own(new Options())
                .setCreateIfMissing(true)
                .setWriteBufferSize(64 * MIB)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setTableFormatConfig(tables);
        synced = own(new WriteOptions().setSync(true));
        unlogged = own(new WriteOptions().setDisableWAL(true));
        db = own(RocksDB.open(options, directory.toString()));
    }

    private <N extends AbstractNativeReference> N own(N handle) {
        natives.push(handle);
        return handle;
    }

    /** Puts each record of a data set under its key, and compacts. */
    public void load(Dataset dataset, KeyTable keys) throws IOException, RocksDBException {
        dataset.<RocksDBException>forEach((key, record) -> db.put(unlogged, keys.recordKey(key), record));
        db.compactRange();
    }

    /** Gets records in this thread, and counts its CPU time. */
    public Window get(KeyTable keys, KeySequence.Cursor cursor, long rampMillis, long windowMillis)
            throws IOException, RocksDBException {
        getFor(keys, cursor, rampMillis);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double machine = CpuTime.ofMachine();
        double own = ownCpu();
        long cpu = threads.getCurrentThreadCpuTime();
        long start = System.nanoTime();
        long gets = getFor(keys, cursor, windowMillis);
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (threads.getCurrentThreadCpuTime() - cpu) / 1e9;
        return new Window(gets, seconds, cpuSeconds, CpuTime.ofMachine() - machine - (ownCpu() - own));
    }

    private long getFor(KeyTable keys, KeySequence.Cursor cursor, long millis) throws RocksDBException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long gets = 0;
        while (System.nanoTime() - end < 0) {
            for (int i = 0; i < CALLS_A_LOOK_AT_THE_CLOCK; i++) {
                byte[] found = db.get(keys.recordKey(cursor.next()));
                if (found == null) {
                    throw new IllegalStateException("a record that was put is not there");
                }
                gets++;
            }
        }
        return gets;
    }

    /** One record to be put. */
    public record Put(byte[] key, byte[] record) {}

    /** Puts records from so many threads, each put durable before the thread's next; counts the CPU time of this process. */
    public Window put(Iterator<Put> puts, int threads, long windowMillis) throws Exception {
        double machine = CpuTime.ofMachine();
        double own = ownCpu();
        long start = System.nanoTime();
        long end = start + TimeUnit.MILLISECONDS.toNanos(windowMillis);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        long done = 0;
        try {
            List<Callable<Long>> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                workers.add(() -> putUntil(puts, end));
            }
            for (Future<Long> worker : executor.invokeAll(workers)) {
                done += worker.get();
            }
        } finally {
            executor.shutdown();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = ownCpu() - own;
        return new Window(done, seconds, cpuSeconds, CpuTime.ofMachine() - machine - cpuSeconds);
    }

    private long putUntil(Iterator<Put> puts, long end) throws RocksDBException {
        long done = 0;
        while (System.nanoTime() - end < 0) {
            Put put;
            synchronized (puts) {
                put = puts.next();
            }
            db.put(synced, put.key, put.record);
            done++;
        }
        return done;
    }

    private static double ownCpu() throws IOException {
        return CpuTime.ofProcess(ProcessHandle.current().pid());
    }

    @Override
    public void close() {
        natives.forEach(AbstractNativeReference::close);
    }
}
