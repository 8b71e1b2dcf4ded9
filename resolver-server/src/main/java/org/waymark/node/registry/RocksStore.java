package org.waymark.node.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.waymark.record.RecordKey;

/**
 * The open database, guarded: it is used only while it is open, written only while no write has failed, and opened only
 * if it is of a known format. Handles are used inside {@link #use} alone, so that no use outlives {@link #close()}.
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
    static final int FORMAT = 2;

    static final byte[] FORMAT_KEY = "format".getBytes(UTF_8);
    private static final byte[] INCARNATION_KEY = "incarnation".getBytes(UTF_8);

    private static final int INCARNATION_BYTES = 16;

    private final Path directory;
    private final BatchWriter writer;
    private final RocksHandles handles;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
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
        this(directory, options, writer, false);
    }

    private RocksStore(Path directory, RocksOptions options, BatchWriter writer, boolean isReadOnly) {
        this.directory = directory;
        this.writer = writer;
        boolean isNew = !isReadOnly && prepare(directory);
        try {
            handles = isReadOnly
                    ? RocksHandles.readOnly(directory.toString(), options)
                    : new RocksHandles(directory.toString(), options, isNew);
            db = handles.db();
            incarnation = identifyOrClose(isReadOnly);
        } catch (RocksDBException e) {
            throw cannotOpen(e);
        }
    }

    /**
     * Opens a store to be read only. It takes no lock: nobody may write the store meanwhile.
     *
     * @throws RegistryException if there is none, if it is of a newer format, or if it can't be read
     */
    static RocksStore readOnly(Path directory, RocksOptions options) {
        if (Files.notExists(directory.resolve("CURRENT"))) {
            throw new RegistryException("there is no registry in " + directory);
        }
        return new RocksStore(directory, options, RocksDB::write, true);
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

    private String identifyOrClose(boolean isReadOnly) throws RocksDBException {
        try {
            return identify(isReadOnly);
        } catch (RocksDBException | RuntimeException e) {
            handles.close();
            throw e;
        }
    }

    /** Reads what the store is, or says it of a new one. */
    private String identify(boolean isReadOnly) throws RocksDBException {
        byte[] format = db.get(handles.meta(), FORMAT_KEY);
        if (format == null) {
            if (isReadOnly || !isEmpty()) {
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
        if (version < FORMAT && isReadOnly) {
            throw new RegistryException("the registry in " + directory + " has the older format " + version
                    + "; a node of this version of the software brings it to format " + FORMAT + " when it starts");
        }
        if (version < FORMAT) {
            new LogUpgrade(directory, db, handles).run();
        }
        return HexFormat.of().formatHex(db.get(handles.meta(), INCARNATION_KEY));
    }

    private boolean isEmpty() {
        try (RocksIterator changes = db.newIterator(handles.feed());
                RocksIterator records = db.newIterator(handles.current())) {
            changes.seekToFirst();
            records.seekToFirst();
            return !changes.isValid() && !records.isValid();
        }
    }

    private String initialise() throws RocksDBException {
        byte[] name = newIncarnation();
        try (WriteBatch batch = new WriteBatch()) {
            batch.put(handles.meta(), FORMAT_KEY, formatValue());
            batch.put(handles.meta(), INCARNATION_KEY, name);
            db.write(handles.synced(), batch);
        }
        return HexFormat.of().formatHex(name);
    }

    static byte[] formatValue() {
        return ByteBuffer.allocate(Integer.BYTES).putInt(FORMAT).array();
    }

    private static byte[] newIncarnation() {
        byte[] name = new byte[INCARNATION_BYTES];
        new SecureRandom().nextBytes(name);
        return name;
    }

    /** Gives the store a new name, which it has when it is opened next. What was kept outside of it under the former one is void. */
    void renewIncarnation() {
        write(open -> open.put(handles.meta(), handles.synced(), INCARNATION_KEY, newIncarnation()));
    }

    private RegistryException cannotOpen(RocksDBException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("LOCK") || message.contains("lock hold by current process")) {
            return new RegistryInUseException(
                    "the registry in " + directory
                            + " is in use by another process, or opened twice by this one. One at a time may open it: "
                            + message,
                    e);
        }
        return new RegistryException("the registry in " + directory + " can't be opened: " + message, e);
    }

    RocksHandles handles() {
        return handles;
    }

    String incarnation() {
        return incarnation;
    }

    /** The layout that the store has. */
    int format() {
        return use(open -> ByteBuffer.wrap(open.get(handles.meta(), FORMAT_KEY)).getInt());
    }

    Optional<RegistryFailedException> fault() {
        return Optional.ofNullable(fault);
    }

    /** The current version of a record; null if there is none. To be called inside {@link #use}. */
    StoredRecord readCurrent(RecordKey key) throws RocksDBException {
        byte[] value = db.get(handles.current(), RocksLayout.currentKey(key));
        return value == null ? null : RocksLayout.record(key, value);
    }

    /** The same of many, in their order. */
    List<StoredRecord> readCurrent(List<RecordKey> keys) throws RocksDBException {
        List<byte[]> values = db.multiGetAsList(
                Collections.nCopies(keys.size(), handles.current()),
                keys.stream().map(RocksLayout::currentKey).toList());
        List<StoredRecord> records = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            byte[] value = values.get(i);
            records.add(value == null ? null : RocksLayout.record(keys.get(i), value));
        }
        return records;
    }

    /** The number of the last commit in the feed; 0 if there is none. */
    long lastSequence() {
        return use(open -> {
            try (RocksIterator changes = open.newIterator(handles.feed())) {
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
        write(open -> writer.write(open, handles.synced(), batch));
    }

    /** Puts documents into a batch. */
    void stage(WriteBatch batch, List<Document> documents) throws RocksDBException {
        for (Document document : documents) {
            batch.put(
                    handles.meta(),
                    RocksLayout.documentKey(document.key()),
                    document.value().toByteArray());
        }
    }

    /**
     * Keeps a value among those about the store, without waiting for the disk.
     *
     * @throws RegistryFailedException if it failed, now or at an earlier write
     */
    void putMeta(byte[] key, byte[] value) {
        write(open -> open.put(handles.meta(), handles.unsynced(), key, value));
    }

    /**
     * Takes whole tables in, durably.
     *
     * @throws RegistryFailedException if it failed, now or at an earlier write
     */
    void ingest(ColumnFamilyHandle family, List<String> tables, IngestExternalFileOptions how) {
        write(open -> open.ingestExternalFile(family, tables, how));
    }

    /** Brings tables that overlap together. */
    void compact() {
        write(open -> {
            open.compactRange(handles.current());
            open.compactRange(handles.history());
        });
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
                handles.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
