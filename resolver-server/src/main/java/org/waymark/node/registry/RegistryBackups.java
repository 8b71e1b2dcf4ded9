package org.waymark.node.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.rocksdb.BackupEngine;
import org.rocksdb.BackupEngineOptions;
import org.rocksdb.BackupInfo;
import org.rocksdb.Env;
import org.rocksdb.RestoreOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Backups of a registry, in a directory of their own. Each is complete: it can be restored whatever becomes of the others. Files that
 * several have in common are there once, so a further backup copies what was written since.
 *
 * <p>All methods block, and read and write the disk. Writers to one directory exclude each other, in whatever process they are.
 */
public final class RegistryBackups {

    /** Fewer would lose the backup before while the next one is made. */
    public static final int LEAST_KEPT = 1;

    private static final String RESTORING = ".restoring";
    private static final Pattern ABOUT = Pattern.compile("format=(\\d{1,9}) sequence=(\\d{1,18})");

    private RegistryBackups() {}

    /**
     * One backup.
     *
     * @param id counted from 1; never given twice in a directory
     * @param at when it was made, to the second
     * @param format of the registry's layout
     * @param sequence every commit up to this one is in it; the first ones after it may be
     * @param bytes of all its files, those shared with other backups included
     */
    public record Backup(int id, Instant at, int format, long sequence, int files, long bytes) {}

    /**
     * A backup that was made now.
     *
     * @param copiedBytes by which the directory grew; the rest was there from earlier backups
     * @param kept how many backups are there now, this one included
     */
    public record Made(Backup backup, long copiedBytes, int kept) {}

    /** Does something with the backups of a directory. */
    private interface Work<T> {
        T with(BackupEngine backups) throws RocksDBException, IOException;
    }

    /** What nobody else does with a directory meanwhile. */
    private interface Alone<T> {
        T get() throws IOException;
    }

    /**
     * Makes a backup of an open store, and deletes the oldest ones. Commits go on meanwhile.
     *
     * @param directory made, readable by its owner only, if it is not there
     * @param keep how many backups stay, 1 or more
     */
    static Made make(RocksStore store, Path directory, int keep) {
        if (keep < LEAST_KEPT) {
            throw new IllegalArgumentException("keep is " + keep + "; it must be " + LEAST_KEPT + " or more");
        }
        prepare(directory);
        return locked(
                directory,
                () -> open(directory, backups -> {
                    long before = bytesIn(directory);
                    String about = "format=" + store.format() + " sequence=" + store.lastSequence();
                    store.use(db -> {
                        copy(db, backups, about, directory);
                        return null;
                    });
                    long copied = bytesIn(directory) - before;
                    backups.purgeOldBackups(keep);
                    List<Backup> all = all(backups);
                    return new Made(all.get(all.size() - 1), Math.max(0, copied), all.size());
                }));
    }

    private static void copy(RocksDB db, BackupEngine backups, String about, Path directory) {
        try {
            // What is flushed is in tables, so nothing of the log is copied but what came since.
            backups.createNewBackupWithMetadata(db, about, true);
        } catch (RocksDBException e) {
            throw new RegistryException("no backup could be made in " + directory + ": " + e.getMessage(), e);
        }
    }

    /**
     * The backups in a directory, the oldest first.
     *
     * @throws RegistryException if there are none, or they can't be read
     */
    public static List<Backup> list(Path directory) {
        requireBackups(directory);
        return open(directory, RegistryBackups::all);
    }

    /**
     * Puts a registry back as it was at a backup, under a new {@linkplain Registry#incarnation() incarnation}. Every file's checksum is
     * verified. It is made beside its place and moved there at the end, whole.
     *
     * @param id of the backup; empty: the newest
     * @param registry where it is put; there must be nothing, or an empty directory
     * @return the backup that was restored
     * @throws RegistryException if there is something, there is no such backup, it is damaged, or of a newer format
     */
    public static Backup restore(Path directory, OptionalInt id, Path registry) {
        requireBackups(directory);
        requireFree(registry);
        Path unfinished = registry.resolveSibling(registry.getFileName() + RESTORING);
        return locked(directory, () -> {
            try {
                return open(directory, backups -> restore(backups, directory, id, unfinished, registry));
            } finally {
                // Only now, as a restore that fails ends its other copies no earlier than this.
                delete(unfinished);
            }
        });
    }

    private static Backup restore(BackupEngine backups, Path directory, OptionalInt id, Path unfinished, Path registry)
            throws RocksDBException, IOException {
        Backup chosen = choose(directory, all(backups), id);
        if (chosen.format() > RocksStore.FORMAT) {
            throw new RegistryException("backup " + chosen.id() + " in " + directory + " has format " + chosen.format()
                    + "; this version of the software reads formats up to " + RocksStore.FORMAT
                    + ". Use the version that made it, or a later one");
        }
        delete(unfinished);
        makePrivate(unfinished);
        try (RestoreOptions how = new RestoreOptions(false)) {
            backups.restoreDbFromBackup(chosen.id(), unfinished.toString(), unfinished.toString(), how);
        }
        try (RocksStore store = new RocksStore(unfinished, RocksOptions.defaults(), RocksDB::write)) {
            store.renewIncarnation();
        }
        sync(unfinished);
        Files.deleteIfExists(registry);
        Files.move(unfinished, registry, StandardCopyOption.ATOMIC_MOVE);
        syncDirectory(registry.toAbsolutePath().getParent());
        return chosen;
    }

    private static Backup choose(Path directory, List<Backup> all, OptionalInt id) {
        if (all.isEmpty()) {
            throw new RegistryException("there is no backup in " + directory);
        }
        if (id.isEmpty()) {
            return all.get(all.size() - 1);
        }
        Optional<Backup> chosen =
                all.stream().filter(backup -> backup.id() == id.getAsInt()).findFirst();
        return chosen.orElseThrow(() -> new RegistryException("there is no backup " + id.getAsInt() + " in " + directory
                + "; there are " + all.stream().map(Backup::id).toList()));
    }

    private static void requireBackups(Path directory) {
        if (!Files.isDirectory(directory.resolve("meta"))) {
            throw new RegistryException("there are no backups in " + directory);
        }
    }

    private static void requireFree(Path registry) {
        if (Files.notExists(registry)) {
            return;
        }
        try (Stream<Path> entries = Files.list(registry)) {
            if (entries.findAny().isPresent()) {
                throw new RegistryException(registry + " is there already and not empty; move it away, or restore into"
                        + " another data directory");
            }
        } catch (IOException e) {
            throw new RegistryException(registry + " is there already and no directory that can be read: " + e, e);
        }
    }

    private static List<Backup> all(BackupEngine backups) {
        return backups.getBackupInfo().stream()
                .map(RegistryBackups::backup)
                .sorted(Comparator.comparingInt(Backup::id))
                .toList();
    }

    private static Backup backup(BackupInfo info) {
        Matcher about = ABOUT.matcher(String.valueOf(info.appMetadata()));
        if (!about.matches()) {
            throw new RegistryException("backup " + info.backupId() + " was not made by this software");
        }
        return new Backup(
                info.backupId(),
                Instant.ofEpochSecond(info.timestamp()),
                Integer.parseInt(about.group(1)),
                Long.parseLong(about.group(2)),
                info.numberFiles(),
                info.size());
    }

    private static <T> T locked(Path directory, Alone<T> work) {
        try (FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            boolean isFree;
            try {
                isFree = channel.tryLock() != null;
            } catch (OverlappingFileLockException e) {
                isFree = false;
            }
            if (!isFree) {
                throw new RegistryException("another backup or restore is under way in " + directory);
            }
            return work.get();
        } catch (IOException e) {
            throw new RegistryException("the backups in " + directory + " can't be used: " + e, e);
        }
    }

    private static <T> T open(Path directory, Work<T> work) {
        RocksDB.loadLibrary();
        try (BackupEngineOptions options = new BackupEngineOptions(directory.toString());
                BackupEngine backups = BackupEngine.open(Env.getDefault(), options)) {
            return work.with(backups);
        } catch (RocksDBException | IOException | UncheckedIOException e) {
            throw new RegistryException("backups in " + directory + ": " + e.getMessage(), e);
        }
    }

    private static void prepare(Path directory) {
        try {
            if (Files.notExists(directory)) {
                makePrivate(directory);
            }
        } catch (IOException e) {
            throw new RegistryException("the directory " + directory + " for backups can't be made: " + e, e);
        }
    }

    private static void makePrivate(Path directory) throws IOException {
        Files.createDirectories(directory);
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static long bytesIn(Path directory) throws IOException {
        long bytes = 0;
        try (Stream<Path> entries = Files.walk(directory)) {
            for (Path file : entries.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    private static void sync(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path file : entries.filter(Files::isRegularFile).toList()) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
            }
        }
        syncDirectory(directory);
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel entries = FileChannel.open(directory)) {
            entries.force(true);
        }
    }

    private static void delete(Path path) throws IOException {
        if (Files.exists(path)) {
            try (Stream<Path> entries = Files.walk(path)) {
                for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(entry);
                }
            }
        }
    }
}
