package org.waymark.node.resolve;

import java.nio.ByteBuffer;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;

/**
 * Answers that are held encoded, found by the bytes of encoded keys: what a face may send at once. They are those that a look-up of
 * the whole record would be answered with, from the near cache, at the same moment; whatever is not ready here is to be asked from
 * the chain of resolvers. Safe for use by many threads.
 */
public interface ReadyAnswers {

    /**
     * Room for look-ups of one thread.
     *
     * @param most how many look-ups it takes at a time
     */
    Batch newBatch(int most);

    /**
     * Look-ups that are made together, so that their memory misses overlap: {@link #clear}, {@link #add} each key, {@link #locate},
     * then take the answers. Makes no objects. For use by one thread.
     */
    interface Batch {

        /** Forgets all look-ups. */
        void clear();

        /**
         * Adds a look-up; the first one has the number 0.
         *
         * @param bytes not to be changed before the answer was taken
         * @param offset where the encoded key begins
         * @param length of the encoded key, in bytes; any
         */
        void add(byte[] bytes, int offset, int length);

        /** Finds where the answers to all look-ups are, and reads the clock for them. */
        void locate();

        /**
         * The payload of an answer, or null where none is ready. It is the memory itself: valid until the next call, to be copied at
         * once, and worth nothing unless {@link #isIntact} says so after that.
         */
        ByteBuffer payload(int lookup);

        /** Outcome of the answer whose payload was returned last. */
        Outcome outcome();

        /** Key of the prefix record that the answer whose payload was returned last hangs on. */
        RecordKey owner();

        /** Milliseconds that the answer whose payload was returned last may be kept, 1 or more. */
        long lifeMillis();

        /** False where the answer was replaced or dropped since its payload was returned: throw the copy away. */
        boolean isIntact();
    }
}
