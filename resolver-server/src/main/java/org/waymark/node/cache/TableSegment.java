package org.waymark.node.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One part of an {@link AnswerTable}: an index and two rings of entries in one block of memory outside the heap. Readers take no
 * lock; writers take the monitor.
 *
 * <p>The index has buckets of eight words, a cache line each. A word says where an entry is, in which lap of its ring it was
 * written, how often it was read of late (up to three), and some bits of its key's hash. An entry never changes once its word is
 * there, and its word is taken away before its memory is written again; so a reader that has copied an entry and finds the same
 * word afterwards has a whole one. An overfull bucket gives up the word that was read least.
 *
 * <p>What goes is chosen as S3-FIFO does (Yang et al., SOSP 2023): new entries go to the small ring, a tenth of the memory; those
 * that were read there move on to the main ring, the others leave a trace, and come to the main ring at once if they are filled
 * again soon. In the main ring an entry that was read gets another round. While the main ring has room, everything moves on to it.
 */
final class TableSegment {

    /** The most that one segment may have: what the offset in a word reaches. */
    static final long MAX_BYTES = 1L << 30;

    static final int NONE = -1;

    private static final int LINE = 64;
    /** One word of the index for so many bytes: entries are seldom smaller. */
    private static final int BYTES_PER_WORD = 128;
    /** A trace is an int, and there is one for two words. */
    private static final int WORDS_PER_TRACE = 2;

    private static final int SMALL_SHARE = 10;
    /** Larger entries than this part of the small ring go to the main ring. */
    private static final int SMALL_RING_ENTRIES = 4;
    /** How many entries may stay for another round while room is made for one. */
    private static final int MAX_ROUNDS = 16;

    // A word: tag, lap, reads, offset in units of 8 bytes.
    private static final int OFFSET_BITS = 27;
    private static final int READS_SHIFT = OFFSET_BITS;
    private static final int LAP_SHIFT = READS_SHIFT + 2;
    private static final int TAG_SHIFT = LAP_SHIFT + 18;
    private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;
    private static final long READS_MASK = 3L << READS_SHIFT;
    private static final long ONE_READ = 1L << READS_SHIFT;
    private static final long LAP_MASK = (1L << TAG_SHIFT) - (1L << LAP_SHIFT);
    private static final long TAG_MASK = -1L << TAG_SHIFT;
    private static final int UNIT_SHIFT = 3;

    // An entry: these fields, the key, the payload. A ring's unused end is an entry with a key of length 0.
    private static final int SIZE = 0;
    private static final int KEY_LENGTH = 4;
    private static final int OUTCOME = 6;
    private static final int HASH = 8;
    private static final int SEQUENCE = 16;
    private static final int EXPIRES_AT = 24;
    private static final int REFRESH_AT = 32;
    private static final int TRUST_EPOCH = 40;
    private static final int GENERATION = 48;
    private static final int PAYLOAD_LENGTH = 52;
    private static final int KEY = 56;

    private static final VarHandle WORDS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final VarHandle KEY_LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final ByteBuffer memory;
    private final int buckets;
    private final int[] traces;
    private final Ring small;
    private final Ring main;
    private int roundsLeft;
    /** Written under the monitor. */
    private volatile int entries;

    /**
     * @param bytes what index, traces and rings take together: a few KiB to {@link #MAX_BYTES}
     */
    TableSegment(long bytes) {
        buckets = (int) (bytes / BYTES_PER_WORD / (LINE / Long.BYTES));
        traces = new int[buckets * (LINE / Long.BYTES) / WORDS_PER_TRACE];
        int blockBytes = (int) (bytes - (long) traces.length * Integer.BYTES) / LINE * LINE - LINE;
        memory = ByteBuffer.allocateDirect(blockBytes + LINE).alignedSlice(LINE);
        int ringsStart = buckets * LINE;
        int mainStart = ringsStart + (blockBytes - ringsStart) / SMALL_SHARE / Long.BYTES * Long.BYTES;
        small = new Ring(ringsStart, mainStart);
        main = new Ring(mainStart, blockBytes);
    }

    /** A buffer whose positions are the offsets that this segment tells. */
    ByteBuffer view() {
        return memory.asReadOnlyBuffer();
    }

    int entries() {
        return entries;
    }

    // ---- reading without the monitor: all but the words may be in the middle of a change

    private int bucket(long hash) {
        return (int) (placeBits(hash) * buckets >>> 32) * LINE;
    }

    /** 32 bits of a hash that are not those of the tag, nor of the segment. */
    private static long placeBits(long hash) {
        return hash >>> TAG_SHIFT - Integer.SIZE & 0xFFFF_FFFFL;
    }

    /** Reads the line of the index that this hash leads to, so that it is near when it is needed. */
    long touchIndex(long hash) {
        return memory.getLong(bucket(hash));
    }

    /** Reads the first lines of the entry that this word points to. */
    long touchEntry(long word) {
        int at = offset(word);
        int last = memory.capacity() - Long.BYTES;
        return memory.getLong(at)
                ^ memory.getLong(Math.min(at + 2 * LINE, last))
                ^ memory.getLong(Math.min(at + 4 * LINE, last))
                ^ memory.getLong(Math.min(at + 6 * LINE, last));
    }

    /** Where the first word with this hash's tag is, among those from a place on; {@link #NONE} where there is none. */
    private int slot(long hash, int from) {
        int end = bucket(hash) + LINE;
        for (int slot = from; slot < end; slot += Long.BYTES) {
            long word = word(slot);
            if (word != 0 && tag(word) == tag(hash)) {
                return slot;
            }
        }
        return NONE;
    }

    /** The slot that leads, by its tag, to the entry with this hash; {@link #NONE} where there is none. */
    int slot(long hash) {
        return slot(hash, bucket(hash));
    }

    /** The word in a slot; 0: it is free. */
    long word(int slot) {
        return (long) WORDS.getAcquire(memory, slot);
    }

    private static long tag(long wordOrHash) {
        return wordOrHash & TAG_MASK;
    }

    private static int offset(long word) {
        return (int) (word & OFFSET_MASK) << UNIT_SHIFT;
    }

    boolean hasKey(long word, byte[] bytes, int offset, int length) {
        int at = offset(word);
        if (memory.getShort(at + KEY_LENGTH) != length || at + KEY + length > memory.capacity()) {
            return false;
        }
        int stored = at + KEY;
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            if (memory.getLong(stored + i) != (long) KEY_LONGS.get(bytes, offset + i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (memory.get(stored + i) != bytes[offset + i]) {
                return false;
            }
        }
        return true;
    }

    int outcome(long word) {
        return memory.get(offset(word) + OUTCOME);
    }

    long sequence(long word) {
        return memory.getLong(offset(word) + SEQUENCE);
    }

    long expiresAt(long word) {
        return memory.getLong(offset(word) + EXPIRES_AT);
    }

    long refreshAt(long word) {
        return memory.getLong(offset(word) + REFRESH_AT);
    }

    long trustEpoch(long word) {
        return memory.getLong(offset(word) + TRUST_EPOCH);
    }

    int generation(long word) {
        return memory.getInt(offset(word) + GENERATION);
    }

    /** Where the payload begins, given its key's length. */
    int payloadAt(long word, int keyLength) {
        return offset(word) + KEY + keyLength;
    }

    /** Length of the payload; {@link #NONE} where it can't be, since the entry is being overwritten. */
    int payloadLength(long word, int keyLength) {
        int length = memory.getInt(offset(word) + PAYLOAD_LENGTH);
        return length >= 0 && length <= memory.capacity() - payloadAt(word, keyLength) ? length : NONE;
    }

    /** True where the slot has had this word all the time since it was read from there: what was read of the entry is whole. */
    boolean isIntact(int slot, long word) {
        VarHandle.acquireFence();
        return (((long) WORDS.getOpaque(memory, slot) ^ word) & ~READS_MASK) == 0;
    }

    /** Notes that the entry was read. It need not succeed: it is for choosing what goes. */
    void countRead(int slot, long word) {
        if ((word & READS_MASK) != READS_MASK) {
            WORDS.weakCompareAndSetPlain(memory, slot, word, word + ONE_READ);
        }
    }

    /** What is held for this key, whole; null: nothing. */
    CachedAnswer get(long hash, byte[] key) {
        for (int slot = slot(hash); slot != NONE; slot = slot(hash, slot)) {
            long word = word(slot);
            boolean isIt = word != 0 && hasKey(word, key, 0, key.length);
            CachedAnswer answer = isIt ? read(word, key.length) : null;
            if (!isIntact(slot, word)) {
                // It was changed meanwhile; the answer may be in another slot now.
                slot = bucket(hash);
            } else if (isIt) {
                countRead(slot, word);
                return answer;
            } else {
                slot += Long.BYTES;
            }
        }
        return null;
    }

    private CachedAnswer read(long word, int keyLength) {
        int length = payloadLength(word, keyLength);
        if (length == NONE) {
            return null;
        }
        byte[] payload = new byte[length];
        memory.get(payloadAt(word, keyLength), payload);
        return new CachedAnswer(
                outcome(word),
                sequence(word),
                expiresAt(word),
                refreshAt(word),
                trustEpoch(word),
                generation(word),
                payload);
    }

    // ---- writing

    /** Keeps an answer in place of what is held for its key; only drops that where the answer is too large for this segment. */
    synchronized void put(long hash, byte[] key, CachedAnswer answer) {
        long before = take(hash, key);
        long needed = (long) KEY + key.length + answer.payload().length;
        if (needed > main.bytes() / 2) {
            return;
        }
        int size = (int) (needed + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
        boolean isKnown = before != 0 ? offset(before) >= main.start : hasTrace(hash);
        Ring ring = isKnown || size > small.bytes() / SMALL_RING_ENTRIES ? main : small;
        roundsLeft = MAX_ROUNDS;
        int at = room(ring, size);
        VarHandle.storeStoreFence();
        memory.putInt(at + SIZE, size);
        memory.putShort(at + KEY_LENGTH, (short) key.length);
        memory.put(at + OUTCOME, (byte) answer.outcome());
        memory.putLong(at + HASH, hash);
        memory.putLong(at + SEQUENCE, answer.sequence());
        memory.putLong(at + EXPIRES_AT, answer.expiresAt());
        memory.putLong(at + REFRESH_AT, answer.refreshAt());
        memory.putLong(at + TRUST_EPOCH, answer.trustEpoch());
        memory.putInt(at + GENERATION, answer.generation());
        memory.putInt(at + PAYLOAD_LENGTH, answer.payload().length);
        memory.put(at + KEY, key);
        memory.put(at + KEY + key.length, answer.payload());
        int slot = freeSlot(hash);
        setWord(slot, ring.word(hash, at) | before & READS_MASK);
        entries++;
    }

    /** Drops what is held for this key. */
    synchronized void remove(long hash, byte[] key) {
        take(hash, key);
    }

    /** Takes the key's word out of the index. Returns it, or 0. */
    private long take(long hash, byte[] key) {
        for (int slot = slot(hash); slot != NONE; slot = slot(hash, slot + Long.BYTES)) {
            long word = word(slot);
            if (hasKey(word, key, 0, key.length)) {
                drop(slot);
                return word;
            }
        }
        return 0;
    }

    private void drop(int slot) {
        setWord(slot, 0);
        entries--;
    }

    private void setWord(int slot, long word) {
        WORDS.setRelease(memory, slot, word);
    }

    /** A free slot for this hash; if there is none, that of the entry that was read least. */
    private int freeSlot(long hash) {
        int first = bucket(hash);
        int least = first;
        for (int slot = first; slot < first + LINE; slot += Long.BYTES) {
            long word = word(slot);
            if (word == 0) {
                return slot;
            }
            if ((word & READS_MASK) < (word(least) & READS_MASK)) {
                least = slot;
            }
        }
        drop(least);
        return least;
    }

    /** A stretch of memory that is written from its start to its end, over and over. */
    private static final class Ring {

        private final int start;
        private final int end;
        /** Where the next entry goes. */
        private int head;
        /** The oldest entry. */
        private int tail;
        /** From tail to head. */
        private int used;

        private long lap;

        Ring(int start, int end) {
            this.start = start;
            this.end = end;
            this.head = start;
            this.tail = start;
        }

        int bytes() {
            return end - start;
        }

        boolean isEmpty() {
            return used == 0;
        }

        /** How much may be written at the head as it is. */
        int gap() {
            if (isEmpty()) {
                return end - head;
            }
            return head <= tail ? tail - head : end - head;
        }

        /** True where the gap ends with the ring, and older entries are in front. */
        boolean gapReachesEnd() {
            return isEmpty() || tail < head;
        }

        int advanceHead(int size) {
            int at = head;
            used += size;
            head += size;
            if (head == end) {
                head = start;
                lap++;
            }
            return at;
        }

        void advanceTail(int size) {
            used -= size;
            tail += size;
            if (tail == end) {
                tail = start;
            }
        }

        /** The word for the entry that was written last, which is there. */
        long word(long hash, int at) {
            long lapOfEntry = at < head ? lap : lap - 1;
            return tag(hash) | lapOfEntry << LAP_SHIFT & LAP_MASK | at >>> UNIT_SHIFT;
        }
    }

    /** Makes room at the head of a ring. */
    private int room(Ring ring, int size) {
        while (ring.gap() < size) {
            if (ring.gapReachesEnd()) {
                int rest = ring.end - ring.head;
                VarHandle.storeStoreFence();
                memory.putInt(ring.head + SIZE, rest);
                memory.putShort(ring.head + KEY_LENGTH, (short) 0);
                ring.advanceHead(rest);
            } else {
                passTail(ring);
            }
        }
        return ring.advanceHead(size);
    }

    /** Lets the oldest entry of a ring go, or go on. */
    private void passTail(Ring ring) {
        int at = ring.tail;
        int size = memory.getInt(at + SIZE);
        int slot = memory.getShort(at + KEY_LENGTH) == 0 ? NONE : slotOf(at);
        if (slot == NONE) {
            ring.advanceTail(size);
            return;
        }
        long word = word(slot);
        long reads = word & READS_MASK;
        if (ring == main && reads != 0 && roundsLeft > 0) {
            roundsLeft--;
            anotherRound(slot, at, size, reads - ONE_READ);
        } else if (ring == small && (reads != 0 || main.gap() >= size)) {
            ring.advanceTail(size);
            moveToMain(slot, at, size);
        } else {
            if (ring == small) {
                leaveTrace(memory.getLong(at + HASH));
            }
            drop(slot);
            ring.advanceTail(size);
        }
    }

    /** The slot of the entry at this place; {@link #NONE} where it was dropped. */
    private int slotOf(int at) {
        int first = bucket(memory.getLong(at + HASH));
        for (int slot = first; slot < first + LINE; slot += Long.BYTES) {
            long word = word(slot);
            if (word != 0 && offset(word) == at) {
                return slot;
            }
        }
        return NONE;
    }

    /** From the tail of the main ring to its head, over the gap, which is smaller than the way to the ring's end. */
    private void anotherRound(int slot, int from, int size, long reads) {
        long hash = memory.getLong(from + HASH);
        setWord(slot, 0);
        VarHandle.storeStoreFence();
        main.advanceTail(size);
        int to = main.advanceHead(size);
        memory.put(to, memory, from, size);
        setWord(slot, main.word(hash, to) | reads);
    }

    private void moveToMain(int slot, int from, int size) {
        long hash = memory.getLong(from + HASH);
        int to = room(main, size);
        VarHandle.storeStoreFence();
        memory.put(to, memory, from, size);
        setWord(slot, main.word(hash, to));
    }

    private int trace(long hash) {
        return (int) (placeBits(hash) * traces.length >>> 32);
    }

    private void leaveTrace(long hash) {
        traces[trace(hash)] = (int) hash;
    }

    private boolean hasTrace(long hash) {
        return traces[trace(hash)] == (int) hash;
    }
}
