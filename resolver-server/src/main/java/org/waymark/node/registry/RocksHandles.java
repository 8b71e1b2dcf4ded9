package org.waymark.node.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/** RocksDB's native objects: how they are set up, and the order in which they are let go. */
final class RocksHandles implements AutoCloseable {

    private static final byte[] CURRENT = "current".getBytes(UTF_8);
    private static final byte[] HISTORY = "history".getBytes(UTF_8);
    private static final byte[] FEED = "feed".getBytes(UTF_8);
    private static final byte[] TREE = "tree".getBytes(UTF_8);

    private static final int KIB = 1_024;
    private static final int MIB = 1_024 * KIB;

    private final Deque<AbstractNativeReference> natives = new ArrayDeque<>();
    private final List<ColumnFamilyHandle> families = new ArrayList<>();
    /** In the order of the families. */
    private final List<ColumnFamilyOptions> familyOptions = new ArrayList<>();

    private final WriteOptions synced;
    private final WriteOptions unsynced;
    private final RocksDB db;

    RocksHandles(String path, RocksOptions options, boolean isNew) throws RocksDBException {
        this(path, options, isNew, false);
    }

    /** Those of a store that is there and is not written. */
    static RocksHandles readOnly(String path, RocksOptions options) throws RocksDBException {
        return new RocksHandles(path, options, false, true);
    }

    private RocksHandles(String path, RocksOptions options, boolean isNew, boolean isReadOnly) throws RocksDBException {
        if (isReadOnly) {
            RocksDB.loadLibrary();
        } else {
            loadLibrary(path);
        }
        try {
            synced = own(new WriteOptions().setSync(true));
            unsynced = own(new WriteOptions());
            db = own(open(path, options, isNew, isReadOnly));
            families.forEach(this::own);
        } catch (RocksDBException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Loads RocksDB's native library, unless this process has, from a file in the store's directory. Left to itself, RocksDB makes
     * a new one among the temporary files, where each process that is killed leaves its 17 MB behind.
     */
    private static void loadLibrary(String directory) {
        try {
            NativeLibraryLoader.getInstance().loadLibrary(directory);
        } catch (IOException e) {
            throw new RegistryException("RocksDB's native library can't be written to " + directory + ": " + e, e);
        }
    }

    private <N extends AbstractNativeReference> N own(N handle) {
        natives.push(handle);
        return handle;
    }

    private RocksDB open(String path, RocksOptions options, boolean isNew, boolean isReadOnly) throws RocksDBException {
        // One cache for blocks, indexes, filters and write buffers, so that one number bounds them all. Few shards, as
        // write buffers are charged to it in large pieces.
        LRUCache cache = own(new LRUCache(options.memoryBytes(), 4, false, 0.5));
        WriteBufferManager buffers = own(new WriteBufferManager(options.writeBufferBytes(), cache));
        DBOptions database = own(databaseOptions(options, buffers));
        ColumnFamilyOptions plain = familyOptions(options);
        plain.setTableFormatConfig(tables(cache).setBlockSize(16 * KIB));
        ColumnFamilyOptions feed = coldOptions(options);
        feed.setTableFormatConfig(tables(cache).setBlockSize(16 * KIB));
        BloomFilter filter = own(new BloomFilter(10));
        ColumnFamilyOptions current = familyOptions(options);
        // Neighbours share proofs and texts: a block of twice the usual size takes a fifth less room at the same cost
        // of a get.
        current.setTableFormatConfig(tables(cache).setFilterPolicy(filter).setBlockSize(8 * KIB));
        // Most of what is registered is new: its key is looked for and not found, in recent writes too.
        current.setMemtablePrefixBloomSizeRatio(0.05).setMemtableWholeKeyFiltering(true);
        ColumnFamilyOptions history = coldOptions(options);
        history.setTableFormatConfig(tables(cache).setFilterPolicy(filter).setBlockSize(16 * KIB));
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>(List.of(
                new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, plain),
                new ColumnFamilyDescriptor(CURRENT, current),
                new ColumnFamilyDescriptor(HISTORY, history),
                new ColumnFamilyDescriptor(FEED, feed),
                new ColumnFamilyDescriptor(TREE, plain)));
        descriptors.forEach(descriptor -> familyOptions.add(descriptor.getOptions()));
        if (!isNew) {
            addUnknownFamilies(path, descriptors, plain);
        }
        if (isReadOnly) {
            leaveMissingFamilies(path, descriptors);
        }
        return isReadOnly
                ? RocksDB.openReadOnly(database, path, descriptors, families)
                : RocksDB.open(database, path, descriptors, families);
    }

    /** RocksDB opens all families of a store or none; those of a newer format are opened to be able to say so. */
    private static void addUnknownFamilies(
            String path, List<ColumnFamilyDescriptor> descriptors, ColumnFamilyOptions options)
            throws RocksDBException {
        try (Options none = new Options()) {
            for (byte[] name : RocksDB.listColumnFamilies(none, path)) {
                boolean isKnown = descriptors.stream().anyMatch(known -> Arrays.equals(known.getName(), name));
                if (!isKnown) {
                    descriptors.add(new ColumnFamilyDescriptor(name, options));
                }
            }
        }
    }

    /** What can't be made where nothing is written: a store that lacks a family is of an older format, and opened to be able to say so. */
    private static void leaveMissingFamilies(String path, List<ColumnFamilyDescriptor> descriptors)
            throws RocksDBException {
        try (Options none = new Options()) {
            List<byte[]> names = RocksDB.listColumnFamilies(none, path);
            descriptors.removeIf(known -> names.stream().noneMatch(name -> Arrays.equals(known.getName(), name)));
        }
    }

    private static DBOptions databaseOptions(RocksOptions options, WriteBufferManager buffers) {
        // All families are flushed together: they never disagree about the point up to which they are complete, and no
        // family that is seldom written holds the write-ahead log. The Java API has no setter for it.
        Properties flush = new Properties();
        flush.setProperty("atomic_flush", "true");
        return DBOptions.getDBOptionsFromProps(flush)
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
                .setMaxTotalWalSize(2 * options.writeBufferBytes())
                .setWriteBufferManager(buffers)
                .setMaxOpenFiles(options.maxOpenFiles())
                .setSkipStatsUpdateOnDbOpen(true)
                .setMaxBackgroundJobs(2)
                .setBytesPerSync(MIB)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(MIB)
                .setKeepLogFileNum(4)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0);
    }

    private ColumnFamilyOptions familyOptions(RocksOptions options) {
        return own(new ColumnFamilyOptions())
                .setWriteBufferSize(options.writeBufferBytes())
                .setArenaBlockSize(256 * KIB)
                .setCompressionType(CompressionType.LZ4_COMPRESSION);
    }

    /** For what is seldom read: room counts more than the time to read it. */
    private ColumnFamilyOptions coldOptions(RocksOptions options) {
        return familyOptions(options).setBottommostCompressionType(CompressionType.ZSTD_COMPRESSION);
    }

    private static BlockBasedTableConfig tables(LRUCache cache) {
        // Indexes and filters in two levels: the small upper one stays in the cache, the lower one comes and goes as
        // needed,
        // so that a store far larger than the cache still works within it.
        return new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setPinTopLevelIndexAndFilter(true)
                .setIndexType(IndexType.kTwoLevelIndexSearch)
                .setPartitionFilters(true)
                .setOptimizeFiltersForMemory(true);
    }

    RocksDB db() {
        return db;
    }

    /** For writes that are durable when they return. */
    WriteOptions synced() {
        return synced;
    }

    /** For writes that a crash of the machine may undo. */
    WriteOptions unsynced() {
        return unsynced;
    }

    ColumnFamilyHandle meta() {
        return families.get(0);
    }

    ColumnFamilyHandle current() {
        return families.get(1);
    }

    ColumnFamilyHandle history() {
        return families.get(2);
    }

    ColumnFamilyHandle feed() {
        return families.get(3);
    }

    ColumnFamilyHandle tree() {
        return families.get(4);
    }

    /** How tables of a family are written outside of the store, to be taken in whole. */
    Options tableOptions(ColumnFamilyHandle family) {
        try (DBOptions none = new DBOptions()) {
            return new Options(none, familyOptions.get(families.indexOf(family)));
        }
    }

    /** The last made goes first: families before the database, the database before what it is built with. */
    @Override
    public void close() {
        natives.forEach(AbstractNativeReference::close);
    }
}
