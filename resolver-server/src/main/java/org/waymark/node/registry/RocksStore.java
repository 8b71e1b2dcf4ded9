package org.waymark.node.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantReadWriteLock;
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
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;
import org.waymark.record.RecordKey;

/**
 * The open database: its native handles, what they are built with, and the order in which they are let go. Every use of a
 * handle is inside {@link #use}, so none outlives {@link #close()}.
 */
final class RocksStore implements AutoCloseable {

    /** How a batch is made durable. */
    @FunctionalInterface
    interface BatchWriter {
        void write(RocksDB db, WriteOptions options, WriteBatch batch) throws RocksDBException;
    }

    /** Something done with the open database. */
    @FunctionalInterface
    interface Use<T> {
        T with(RocksDB db) throws RocksDBException;
    }

    /** The newest layout that this code reads and writes. */
    static final int FORMAT = 1;

    static final byte[] FORMAT_KEY = "format".getBytes(UTF_8);
    private static final byte[] INCARNATION_KEY = "incarnation".getBytes(UTF_8);
    private static final byte[] CURRENT = "current".getBytes(UTF_8);
    private static final byte[] HISTORY = "history".getBytes(UTF_8);
    private static final byte[] FEED = "feed".getBytes(UTF_8);

    private static final int INCARNATION_BYTES = 16;
    private static final int KIB = 1_024;
    private static final int MIB = 1_024 * KIB;

    static {
        // Of the classes used here, only some load it themselves.
        RocksDB.loadLibrary();
    }

    private final Path directory;
    private final BatchWriter writer;
    private final Deque<AbstractNativeReference> natives = new ArrayDeque<>();
    private final List<ColumnFamilyHandle> families = new ArrayList<>();
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final WriteOptions synced;
    private final WriteOptions unsynced;
    private final RocksDB db;
    private final String incarnation;
    private boolean closed;
    private volatile RegistryFailedException fault;

    /**
     * Opens the store in a directory, which is made if there is none.
     *
     * @throws RegistryException if another process holds it, if it is of a newer format, or if it can't be read
     */
    RocksStore(Path directory, RocksOptions options, BatchWriter writer) {
        this.directory = directory;
        this.writer = writer;
        try {
            boolean isNew = prepare(directory);
            synced = own(new WriteOptions().setSync(true));
            unsynced = own(new WriteOptions());
            db = own(open(options, isNew));
            families.forEach(this::own);
            incarnation = identify();
        } catch (RocksDBException e) {
            release();
            throw cannotOpen(e);
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    private <N extends AbstractNativeReference> N own(N handle) {
        natives.push(handle);
        return handle;
    }

    private static boolean prepare(Path directory) {
        try {
            if (Files.notExists(directory)) {
                Files.createDirectories(directory);
                if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
                }
            }
            return Files.notExists(directory.resolve("CURRENT"));
        } catch (IOException e) {
            throw new RegistryException("the directory " + directory + " of the registry can't be made: " + e, e);
        }
    }

    private RocksDB open(RocksOptions options, boolean isNew) throws RocksDBException {
        // One cache for blocks, indexes, filters and write buffers, so that one number bounds them all. Few shards, as
        // write buffers are charged to it in large pieces.
        LRUCache cache = own(new LRUCache(options.memoryBytes(), 4, false, 0.5));
        WriteBufferManager buffers = own(new WriteBufferManager(options.writeBufferBytes(), cache));
        DBOptions database = own(databaseOptions(options, buffers));
        ColumnFamilyOptions plain = familyOptions(options);
        plain.setTableFormatConfig(tables(cache).setBlockSize(16 * KIB));
        BloomFilter filter = own(new BloomFilter(10));
        ColumnFamilyOptions current = familyOptions(options);
        current.setTableFormatConfig(tables(cache).setFilterPolicy(filter).setBlockSize(4 * KIB));
        ColumnFamilyOptions history =
                familyOptions(options).setBottommostCompressionType(CompressionType.ZSTD_COMPRESSION);
        history.setTableFormatConfig(tables(cache).setFilterPolicy(filter).setBlockSize(16 * KIB));
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>(List.of(
                new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, plain),
                new ColumnFamilyDescriptor(CURRENT, current),
                new ColumnFamilyDescriptor(HISTORY, history),
                new ColumnFamilyDescriptor(FEED, plain)));
        if (!isNew) {
            addUnknownFamilies(descriptors, plain);
        }
        return RocksDB.open(database, directory.toString(), descriptors, families);
    }

    /** RocksDB opens all families of a store or none; those of a newer format are opened to be able to say so. */
    private void addUnknownFamilies(List<ColumnFamilyDescriptor> descriptors, ColumnFamilyOptions options)
            throws RocksDBException {
        try (Options none = new Options()) {
            for (byte[] name : RocksDB.listColumnFamilies(none, directory.toString())) {
                boolean isKnown = descriptors.stream().anyMatch(known -> Arrays.equals(known.getName(), name));
                if (!isKnown) {
                    descriptors.add(new ColumnFamilyDescriptor(name, options));
                }
            }
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

    /** Reads what the store is, or says it of a new one. */
    private String identify() throws RocksDBException {
        byte[] format = db.get(meta(), FORMAT_KEY);
        if (format == null) {
            if (!isEmpty()) {
                throw new RegistryException(
                        "the registry in " + directory + " can't be opened: it does not say what format it has");
            }
            return initialise();
        }
        int version = ByteBuffer.wrap(format).getInt();
        if (version > FORMAT) {
            throw new RegistryException("the registry in " + directory + " has format " + version
                    + "; this version of the software reads formats up to " + FORMAT
                    + ". Use the version that wrote it, or a later one");
        }
        return HexFormat.of().formatHex(db.get(meta(), INCARNATION_KEY));
    }

    private boolean isEmpty() {
        try (RocksIterator changes = db.newIterator(feed());
                RocksIterator records = db.newIterator(current())) {
            changes.seekToFirst();
            records.seekToFirst();
            return !changes.isValid() && !records.isValid();
        }
    }

    private String initialise() throws RocksDBException {
        byte[] name = new byte[INCARNATION_BYTES];
        new SecureRandom().nextBytes(name);
        try (WriteBatch batch = new WriteBatch()) {
            batch.put(
                    meta(),
                    FORMAT_KEY,
                    ByteBuffer.allocate(Integer.BYTES).putInt(FORMAT).array());
            batch.put(meta(), INCARNATION_KEY, name);
            db.write(synced, batch);
        }
        return HexFormat.of().formatHex(name);
    }

    private RegistryException cannotOpen(RocksDBException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("LOCK") || message.contains("lock hold by current process")) {
            return new RegistryException(
                    "the registry in " + directory
                            + " is in use by another process (or opened twice by this one). One process at a time may open it: "
                            + message,
                    e);
        }
        return new RegistryException("the registry in " + directory + " can't be opened: " + message, e);
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

    String incarnation() {
        return incarnation;
    }

    Optional<RegistryFailedException> fault() {
        return Optional.ofNullable(fault);
    }

    /** The current version of a record; null if there is none. To be called inside {@link #use}. */
    StoredRecord readCurrent(RecordKey key) throws RocksDBException {
        byte[] value = db.get(current(), RocksLayout.currentKey(key));
        return value == null ? null : RocksLayout.record(key, value);
    }

    /** The number of the last commit in the feed; 0 if there is none. */
    long lastSequence() {
        return use(open -> {
            try (RocksIterator changes = open.newIterator(feed())) {
                changes.seekToLast();
                changes.status();
                return changes.isValid() ? RocksLayout.sequence(changes.key()) : 0L;
            }
        });
    }

    /**
     * Reads with the open database.
     *
     * @throws RegistryClosedException if it is closed
     * @throws RegistryException if RocksDB can't
     */
    <T> T use(Use<T> use) {
        try {
            return whileOpen(use);
        } catch (RocksDBException e) {
            throw new RegistryException("the registry in " + directory + " can't be read: " + e.getMessage(), e);
        }
    }

    /**
     * Makes a batch durable and visible.
     *
     * @throws RegistryFailedException if it failed, now or at an earlier write
     */
    void writeSynced(WriteBatch batch) {
        write(open -> writer.write(open, synced, batch));
    }

    /**
     * Keeps a value among those about the store, without waiting for the disk.
     *
     * @throws RegistryFailedException if it failed, now or at an earlier write
     */
    void putMeta(byte[] key, byte[] value) {
        write(open -> open.put(meta(), unsynced, key, value));
    }

    private interface Writing {
        void with(RocksDB db) throws RocksDBException;
    }

    private void write(Writing writing) {
        requireSound();
        try {
            whileOpen(open -> {
                writing.with(open);
                return null;
            });
        } catch (RocksDBException e) {
            throw fail(e);
        }
    }

    /**
     * Does nothing if no write has failed yet.
     *
     * @throws RegistryFailedException otherwise
     */
    void requireSound() {
        RegistryFailedException earlier = fault;
        if (earlier != null) {
            throw new RegistryFailedException(earlier.getMessage(), earlier);
        }
    }

    /** Refuses all further writes because of this. */
    RegistryFailedException fail(Throwable cause) {
        RegistryFailedException failure = new RegistryFailedException(
                "the registry in " + directory + " failed to write and takes no more commits until it is opened again: "
                        + cause.getMessage(),
                cause);
        fault = failure;
        return failure;
    }

    private <T> T whileOpen(Use<T> use) throws RocksDBException {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new RegistryClosedException("the registry in " + directory + " is closed");
            }
            return use.with(db);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Waits for uses under way, and lets everything go. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                release();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** The last made goes first: families before the database, the database before what it is built with. */
    private void release() {
        natives.forEach(AbstractNativeReference::close);
    }
}
