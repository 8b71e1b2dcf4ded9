package org.waymark.node.registry;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/** Writes tables of one family in the order of their keys, and hands them to the store. Not safe for use by many threads. */
final class TableWriter implements AutoCloseable {

    private static final long TABLE_BYTES = 128L * 1_024 * 1_024;

    private final RocksStore store;
    private final ColumnFamilyHandle family;
    private final Path directory;
    private final String name;
    private final EnvOptions environment = new EnvOptions();
    private final Options options;
    private final List<String> finished = new ArrayList<>();
    private SstFileWriter open;
    private long openBytes;
    private int made;

    /**
     * @param name what its files are called in the directory
     */
    TableWriter(RocksStore store, ColumnFamilyHandle family, Path directory, String name) {
        this.store = store;
        this.family = family;
        this.directory = directory;
        this.name = name;
        this.options = store.handles().tableOptions(family);
    }

    /** Keys ascend from one {@link #ingest} to the next. */
    void put(byte[] key, byte[] value) throws RocksDBException {
        if (open == null) {
            String file = directory.resolve(name + "-" + made++ + ".sst").toString();
            open = new SstFileWriter(environment, options);
            open.open(file);
            finished.add(file);
        }
        open.put(key, value);
        openBytes += key.length + value.length;
        if (openBytes >= TABLE_BYTES) {
            finishTable();
        }
    }

    private void finishTable() throws RocksDBException {
        if (open != null) {
            open.finish();
            open.close();
            open = null;
            openBytes = 0;
        }
    }

    /** Makes what was written a part of the store; what comes later takes precedence. */
    void ingest() throws RocksDBException {
        finishTable();
        if (!finished.isEmpty()) {
            try (IngestExternalFileOptions moving = new IngestExternalFileOptions().setMoveFiles(true)) {
                store.ingest(family, finished, moving);
            }
            finished.clear();
        }
    }

    @Override
    public void close() {
        if (open != null) {
            open.close();
        }
        options.close();
        environment.close();
    }
}
