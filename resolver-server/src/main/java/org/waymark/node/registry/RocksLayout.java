package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.waymark.identifier.Scheme;
import org.waymark.log.LogEntry;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/**
 * How records and changes are laid out in RocksDB. Integers are big-endian; all keys sort as unsigned bytes.
 *
 * <pre>
 * current   kind (1) scheme (1) text                       ->  version (8) sequence (8) time (8) length (1) digest
 * record history   kind (1) scheme (1) escaped text 00 version (8) ->  the same
 * feed      sequence (8)                                   ->  the commit as a leaf of the log, see LogEntry
 * tree      level (1) index (8)                            ->  a hash of the log's tree above its leaves
 * default   "format", "incarnation", "note/" name          ->  what is to be known about the store
 * default   "document/" key                                ->  document
 * </pre>
 *
 * <p>Text is the identifier in UTF-8. It ends a key of {@code current}, so identifiers that start with a text lie
 * together, in the order of their bytes. In {@code history} something follows it: there, a zero byte of the text
 * becomes {@code 00 FF}, and {@code 00} alone ends it. A version is positive, so its first byte is at most {@code 7F}
 * and an end is never taken for a zero; the versions of a record lie together, in ascending order, and records are in
 * the order of {@code current}.
 */
final class RocksLayout {

    private static final int HEAD = 2;
    private static final int ZERO = 0x00;
    private static final int ESCAPE = 0xFF;
    private static final int VALUE_HEAD = 3 * Long.BYTES + 1;

    private static final byte[] DOCUMENT = "document/".getBytes(StandardCharsets.US_ASCII);

    private RocksLayout() {}

    static byte[] documentKey(ByteString key) {
        byte[] bytes = Arrays.copyOf(DOCUMENT, DOCUMENT.length + key.size());
        key.copyTo(bytes, DOCUMENT.length);
        return bytes;
    }

    /** The document in an entry whose key {@link #documentKey} made; shares its value. */
    static Document document(byte[] documentKey, byte[] value) {
        return new Document(
                ByteString.copyFrom(documentKey, DOCUMENT.length, documentKey.length - DOCUMENT.length),
                UnsafeByteOperations.unsafeWrap(value));
    }

    static byte[] currentKey(RecordKey key) {
        return currentPrefix(key.kind(), key.scheme(), key.identifier());
    }

    /** The key of an identifier that is a part of these bytes. */
    static byte[] currentKey(RecordKind kind, Scheme scheme, byte[] bytes, int from, int to) {
        byte[] key = new byte[HEAD + to - from];
        key[0] = (byte) kind.getNumber();
        key[1] = (byte) scheme.code();
        System.arraycopy(bytes, from, key, HEAD, to - from);
        return key;
    }

    /** What the keys of all identifiers begin with that start with this text, which may be empty. */
    static byte[] currentPrefix(RecordKind kind, Scheme scheme, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        byte[] prefix = new byte[HEAD + utf8.length];
        prefix[0] = (byte) kind.getNumber();
        prefix[1] = (byte) scheme.code();
        System.arraycopy(utf8, 0, prefix, HEAD, utf8.length);
        return prefix;
    }

    static boolean startsWith(byte[] currentKey, byte[] currentPrefix) {
        return currentKey.length >= currentPrefix.length
                && Arrays.equals(currentKey, 0, currentPrefix.length, currentPrefix, 0, currentPrefix.length);
    }

    static RecordKey recordKey(byte[] currentKey) {
        return recordKey(currentKey, 0);
    }

    private static RecordKey recordKey(byte[] bytes, int offset) {
        int text = offset + HEAD;
        return RecordKey.of(
                RecordKind.forNumber(bytes[offset]),
                Scheme.ofCode(bytes[offset + 1]),
                new String(bytes, text, bytes.length - text, StandardCharsets.UTF_8));
    }

    static byte[] historyKey(RecordKey key, long version) {
        return historyKey(currentKey(key), version);
    }

    static byte[] historyKey(byte[] plain, long version) {
        int zeros = 0;
        for (int i = HEAD; i < plain.length; i++) {
            zeros += plain[i] == ZERO ? 1 : 0;
        }
        ByteBuffer out = ByteBuffer.allocate(plain.length + zeros + 1 + Long.BYTES);
        out.put(plain, 0, HEAD);
        for (int i = HEAD; i < plain.length; i++) {
            out.put(plain[i]);
            if (plain[i] == ZERO) {
                out.put((byte) ESCAPE);
            }
        }
        return out.put((byte) ZERO).putLong(version).array();
    }

    /** A version in the history, from its key and value. */
    static StoredRecord historyRecord(byte[] historyKey, byte[] value) {
        return record(recordKey(plainKey(historyKey)), value);
    }

    /** The key of {@code current} for a key of {@code history}. */
    static byte[] plainKey(byte[] historyKey) {
        byte[] plain = new byte[historyKey.length];
        int length = 0;
        for (int i = 0; i < historyKey.length - 1 - Long.BYTES; i++) {
            plain[length++] = historyKey[i];
            if (historyKey[i] == ZERO) {
                i++;
            }
        }
        return Arrays.copyOf(plain, length);
    }

    static byte[] value(StoredRecord stored) {
        ByteString digest = stored.digest();
        ByteBuffer out =
                ByteBuffer.allocate(VALUE_HEAD + digest.size() + stored.record().size());
        out.putLong(stored.version()).putLong(stored.sequence()).putLong(stored.committedAt());
        out.put((byte) digest.size());
        digest.copyTo(out);
        stored.record().copyTo(out);
        return out.array();
    }

    /** A value without sequence and time. */
    static byte[] value(long version, byte[] digest, byte[] record) {
        return ByteBuffer.allocate(VALUE_HEAD + digest.length + record.length)
                .putLong(version)
                .putLong(0)
                .putLong(0)
                .put((byte) digest.length)
                .put(digest)
                .put(record)
                .array();
    }

    /** Puts into a value when it was committed. */
    static void stamp(byte[] value, long sequence, long committedAt) {
        ByteBuffer.wrap(value).putLong(Long.BYTES, sequence).putLong(2 * Long.BYTES, committedAt);
    }

    /** The record of this key in a value, which it shares. */
    static StoredRecord record(RecordKey key, byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        long version = in.getLong();
        long sequence = in.getLong();
        long committedAt = in.getLong();
        int digest = in.get();
        int record = VALUE_HEAD + digest;
        return new StoredRecord(
                key,
                version,
                sequence,
                committedAt,
                UnsafeByteOperations.unsafeWrap(value, VALUE_HEAD, digest),
                UnsafeByteOperations.unsafeWrap(value, record, value.length - record));
    }

    static byte[] feedKey(long sequence) {
        return ByteBuffer.allocate(Long.BYTES).putLong(sequence).array();
    }

    static long sequence(byte[] feedKey) {
        return ByteBuffer.wrap(feedKey).getLong();
    }

    /** The commit as it is a leaf of the log: that of {@link LogEntry}, without looking into the digest. */
    static byte[] feedValue(long sequence, long committedAt, long version, byte[] digest, byte[] currentKey) {
        return ByteBuffer.allocate(1 + 3 * Long.BYTES + digest.length + currentKey.length)
                .put(LogEntry.FORMAT)
                .putLong(sequence)
                .putLong(committedAt)
                .putLong(version)
                .put(digest)
                .put(currentKey)
                .array();
    }

    static Change change(byte[] feedValue) {
        ByteBuffer in = ByteBuffer.wrap(feedValue);
        return new Change(in.getLong(1), recordKey(feedValue, LogEntry.KEY_AT), in.getLong(1 + 2 * Long.BYTES));
    }

    /** Where a hash of the tree is kept that stands for 256^level leaves; level is 1 or more. */
    static byte[] treeKey(int level, long index) {
        return ByteBuffer.allocate(1 + Long.BYTES)
                .put((byte) level)
                .putLong(index)
                .array();
    }
}
