package org.waymark.client.bulk;

import com.google.protobuf.ByteString;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What an import has signed and what was answered, so that it can go on after it was interrupted anywhere.
 *
 * <p>A file of entries that is only appended to. An entry is its payload's length, the payload's CRC-32C and the payload, whose
 * first byte tells its kind. Signed records are durable before they are sent; that an answer came need not be, since a batch
 * without it is sent again with the same bytes. The first entry that is cut off or damaged ends the journal: what follows was
 * not acknowledged to anybody. When much of the file is about finished batches, it is replaced by one that only says how far the
 * import is. Safe for use by many threads.
 */
final class BulkJournal implements Closeable {

    /** A batch that was signed; the records by their place in it, from 0. */
    record SignedBatch(long end, Map<Integer, ByteString> records) {}

    private static final byte[] MAGIC = "waymark-journal 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD_BYTES = 8;
    /** Ten times what the largest batch has. */
    private static final int PAYLOAD_BYTES = 256 << 20;

    private static final byte IDENTITY = 'I';
    private static final byte POSITION = 'P';
    private static final byte SIGNED = 'S';
    private static final byte FINISHED = 'F';

    private final Path file;
    private final Map<String, String> identity;
    private final long rewriteBytes;
    /** Taken before the monitor of this object, never after. */
    private final Object forcing = new Object();

    private final TreeMap<Long, SignedBatch> pending = new TreeMap<>();
    /** Rows that are dealt with: end by start, neighbours joined. */
    private final TreeMap<Long, Long> finished = new TreeMap<>();

    private FileChannel channel;
    private BulkCounts counts = BulkCounts.NONE;
    private long mark;
    /** Bytes appended by this process; the file has fewer where it was replaced. */
    private long appended;

    private long forced;
    private long appendedAtRewrite;

    private BulkJournal(Path file, Map<String, String> identity, long rewriteBytes) {
        this.file = file;
        this.identity = new TreeMap<>(identity);
        this.rewriteBytes = rewriteBytes;
    }

    /**
     * Begins a journal.
     *
     * @param identity what makes the import the same when it goes on, by name
     * @param rewriteBytes the file is replaced each time so much was appended
     * @throws JournalException if there is one
     */
    static BulkJournal begin(Path file, Map<String, String> identity, long rewriteBytes) throws IOException {
        if (Files.exists(file)) {
            throw new JournalException(
                    JournalException.Problem.UNFINISHED,
                    file
                            + " is the journal of an import that was interrupted; resume that one, or delete the file to begin"
                            + " anew");
        }
        return open(file, identity, rewriteBytes);
    }

    /**
     * Opens a journal to go on with it. Where there is none yet, one is begun.
     *
     * @throws JournalException if it is of another import, or in use
     */
    static BulkJournal resume(Path file, Map<String, String> identity, long rewriteBytes) throws IOException {
        return open(file, identity, rewriteBytes);
    }

    private static BulkJournal open(Path file, Map<String, String> identity, long rewriteBytes) throws IOException {
        BulkJournal journal = new BulkJournal(file, identity, rewriteBytes);
        journal.channel = openChannel(file);
        try {
            journal.lock(journal.channel);
            journal.read();
            return journal;
        } catch (IOException | RuntimeException e) {
            journal.channel.close();
            throw e;
        }
    }

    /** The journal holds restricted values too, so only its owner may read it. */
    private static FileChannel openChannel(Path file) throws IOException {
        Set<StandardOpenOption> options =
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean isPosix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = isPosix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        return FileChannel.open(file, options, attributes);
    }

    private void lock(FileChannel opened) throws IOException {
        try {
            if (opened.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            // Another import of this process; said below.
        }
        throw new JournalException(
                JournalException.Problem.IN_USE, file + " is in use by another import that is running");
    }

    private void read() throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel), 1 << 16));
        byte[] magic = in.readNBytes(MAGIC.length);
        boolean isCutOff = magic.length < MAGIC.length && startsWith(MAGIC, magic);
        if (!isCutOff && !startsWith(magic, MAGIC)) {
            throw new JournalException(JournalException.Problem.NO_JOURNAL, file + " is not a journal of an import");
        }
        long end = isCutOff ? 0 : MAGIC.length;
        boolean isIdentified = false;
        byte[] payload = isCutOff ? null : payload(in);
        while (payload != null) {
            if (!isIdentified) {
                requireSame(payload);
                isIdentified = true;
            } else {
                apply(payload);
            }
            end += HEAD_BYTES + payload.length;
            payload = payload(in);
        }
        if (!isIdentified) {
            // Interrupted while it was begun, so nothing was sent.
            end = 0;
        }
        channel.truncate(end);
        channel.position(end);
        if (end == 0) {
            write(channel, ByteBuffer.wrap(MAGIC));
            write(channel, entry(identityPayload()));
        }
        channel.force(true);
        forceName();
    }

    private static boolean startsWith(byte[] bytes, byte[] start) {
        return ByteBuffer.wrap(bytes).mismatch(ByteBuffer.wrap(start))
                == (bytes.length == start.length ? -1 : start.length);
    }

    /** Makes the file's name durable, where the system lets a directory be forced. */
    private void forceName() {
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            // Some systems do not open directories. Then a power failure may take a journal that was just begun: its
            // import starts
            // from the first row and finds the rows it had sent registered.
        }
    }

    /** The next payload, or null where the journal ends. */
    private static byte[] payload(DataInputStream in) throws IOException {
        try {
            int length = in.readInt();
            int check = in.readInt();
            if (length < 1 || length > PAYLOAD_BYTES) {
                return null;
            }
            byte[] payload = in.readNBytes(length);
            return payload.length == length && crc(payload) == check ? payload : null;
        } catch (EOFException e) {
            return null;
        }
    }

    private static int crc(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        return (int) crc.getValue();
    }

    private void requireSame(byte[] payload) throws IOException {
        DataInputStream in = in(payload);
        in.readByte();
        Map<String, String> begun = new TreeMap<>();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            begun.put(in.readUTF(), in.readUTF());
        }
        for (Map.Entry<String, String> now : identity.entrySet()) {
            String then = begun.get(now.getKey());
            if (!now.getValue().equals(then)) {
                throw new JournalException(
                        JournalException.Problem.OTHER_IMPORT,
                        "the import of " + file + " can't be resumed: the " + now.getKey()
                                + " changed since it was begun (" + then + ", now " + now.getValue()
                                + "). Delete the journal to begin anew: what is registered already is found unchanged.");
            }
        }
    }

    private void apply(byte[] payload) throws IOException {
        DataInputStream in = in(payload);
        byte kind = in.readByte();
        if (kind == POSITION) {
            int ranges = in.readInt();
            for (int i = 0; i < ranges; i++) {
                finished.put(in.readLong(), in.readLong());
            }
            counts = counts(in);
            mark = in.readLong();
        } else if (kind == SIGNED) {
            long first = in.readLong();
            long end = in.readLong();
            int records = in.readInt();
            Map<Integer, ByteString> read = new TreeMap<>();
            for (int i = 0; i < records; i++) {
                int place = in.readInt();
                read.put(place, ByteString.copyFrom(in.readNBytes(in.readInt())));
            }
            remember(first, end, read);
        } else if (kind == FINISHED) {
            long first = in.readLong();
            long end = in.readLong();
            settle(first, end, counts(in), in.readLong());
        } else {
            throw new JournalException(
                    JournalException.Problem.NO_JOURNAL,
                    file + " was written by a later version: unknown entry " + kind);
        }
    }

    private static DataInputStream in(byte[] payload) {
        InputStream bytes = new ByteArrayInputStream(payload);
        return new DataInputStream(bytes);
    }

    private static BulkCounts counts(DataInputStream in) throws IOException {
        return new BulkCounts(in.readLong(), in.readLong(), in.readLong(), in.readLong());
    }

    private void remember(long first, long end, Map<Integer, ByteString> records) {
        SignedBatch before = pending.get(first);
        Map<Integer, ByteString> all = records;
        if (before != null) {
            all = new TreeMap<>(before.records());
            all.putAll(records);
        }
        pending.put(first, new SignedBatch(end, all));
    }

    private void settle(long first, long end, BulkCounts more, long newMark) {
        pending.remove(first);
        counts = counts.plus(more);
        mark = Math.max(mark, newMark);
        long start = first;
        long stop = end;
        Map.Entry<Long, Long> before = finished.floorEntry(first);
        if (before != null && before.getValue() == first) {
            start = before.getKey();
        }
        Long after = finished.remove(end);
        if (after != null) {
            stop = after;
        }
        finished.put(start, stop);
    }

    /**
     * Notes what was signed for rows [first, end), durably. Later records of a place replace earlier ones.
     *
     * @param records are kept; not to be changed any more
     */
    void signed(long first, long end, Map<Integer, ByteString> records) throws IOException {
        ByteBuffer entry = signedEntry(first, end, records);
        long upTo;
        synchronized (this) {
            append(entry);
            remember(first, end, records);
            upTo = appended;
        }
        force(upTo);
    }

    /** Notes that rows [first, end) are dealt with. */
    void finished(long first, long end, BulkCounts more, long newMark) throws IOException {
        byte[] payload = payload(FINISHED, out -> {
            out.writeLong(first);
            out.writeLong(end);
            write(out, more);
            out.writeLong(newMark);
        });
        boolean isLarge;
        synchronized (this) {
            append(entry(payload));
            settle(first, end, more, newMark);
            isLarge = appended - appendedAtRewrite > rewriteBytes;
        }
        if (isLarge) {
            rewrite();
        }
    }

    /** Made in one piece: it may have a megabyte. */
    private static ByteBuffer signedEntry(long first, long end, Map<Integer, ByteString> records) {
        int size = 1 + 2 * Long.BYTES + Integer.BYTES + 2 * Integer.BYTES * records.size();
        for (ByteString record : records.values()) {
            size += record.size();
        }
        ByteBuffer entry = ByteBuffer.allocate(HEAD_BYTES + size).position(HEAD_BYTES);
        entry.put(SIGNED).putLong(first).putLong(end).putInt(records.size());
        records.forEach((place, record) -> {
            entry.putInt(place).putInt(record.size());
            record.copyTo(entry);
        });
        CRC32C crc = new CRC32C();
        crc.update(entry.array(), HEAD_BYTES, size);
        return entry.putInt(0, size).putInt(Integer.BYTES, (int) crc.getValue()).flip();
    }

    private static void write(DataOutputStream out, BulkCounts counts) throws IOException {
        out.writeLong(counts.created());
        out.writeLong(counts.updated());
        out.writeLong(counts.unchanged());
        out.writeLong(counts.rejected());
    }

    private interface Content {
        void writeTo(DataOutputStream out) throws IOException;
    }

    private static byte[] payload(byte kind, Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(kind);
        content.writeTo(out);
        return bytes.toByteArray();
    }

    private byte[] identityPayload() throws IOException {
        return payload(IDENTITY, out -> {
            out.writeInt(identity.size());
            for (Map.Entry<String, String> part : identity.entrySet()) {
                out.writeUTF(part.getKey());
                out.writeUTF(part.getValue());
            }
        });
    }

    private static ByteBuffer entry(byte[] payload) {
        return ByteBuffer.allocate(HEAD_BYTES + payload.length)
                .putInt(payload.length)
                .putInt(crc(payload))
                .put(payload)
                .flip();
    }

    private static void write(FileChannel to, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    private void append(ByteBuffer entry) throws IOException {
        int bytes = entry.remaining();
        write(channel, entry);
        appended += bytes;
    }

    /** One force serves all that was appended before it began. */
    private void force(long upTo) throws IOException {
        synchronized (forcing) {
            if (forced >= upTo) {
                return;
            }
            FileChannel current;
            long end;
            synchronized (this) {
                current = channel;
                end = appended;
            }
            current.force(false);
            forced = end;
        }
    }

    private void rewrite() throws IOException {
        synchronized (forcing) {
            synchronized (this) {
                if (appended - appendedAtRewrite <= rewriteBytes) {
                    return;
                }
                Path next = file.resolveSibling(file.getFileName() + ".new");
                Files.deleteIfExists(next);
                FileChannel replacement = openChannel(next);
                try {
                    lock(replacement);
                    write(replacement, ByteBuffer.wrap(MAGIC));
                    write(replacement, entry(identityPayload()));
                    write(replacement, entry(payload(POSITION, this::writePosition)));
                    for (Map.Entry<Long, SignedBatch> batch : pending.entrySet()) {
                        SignedBatch signed = batch.getValue();
                        write(replacement, signedEntry(batch.getKey(), signed.end(), signed.records()));
                    }
                    replacement.force(true);
                    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                } catch (IOException | RuntimeException e) {
                    replacement.close();
                    throw e;
                }
                channel.close();
                channel = replacement;
                appendedAtRewrite = appended;
                forced = appended;
                forceName();
            }
        }
    }

    private void writePosition(DataOutputStream out) throws IOException {
        out.writeInt(finished.size());
        for (Map.Entry<Long, Long> range : finished.entrySet()) {
            out.writeLong(range.getKey());
            out.writeLong(range.getValue());
        }
        write(out, counts);
        out.writeLong(mark);
    }

    /** What became of the finished rows. */
    synchronized BulkCounts counts() {
        return counts;
    }

    /** What {@link RejectedRows} said last about finished rows. */
    synchronized long mark() {
        return mark;
    }

    /** Signed and not finished, by the first row. */
    synchronized TreeMap<Long, SignedBatch> pending() {
        return new TreeMap<>(pending);
    }

    /** Finished rows: end by start. */
    synchronized TreeMap<Long, Long> finished() {
        return new TreeMap<>(finished);
    }

    /** Everything is dealt with: removes the file. */
    void complete() throws IOException {
        close();
        Files.delete(file);
    }

    @Override
    public synchronized void close() throws IOException {
        channel.close();
    }
}
