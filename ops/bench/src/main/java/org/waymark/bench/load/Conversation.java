package org.waymark.bench.load;

import io.netty.buffer.ByteBuf;

/**
 * One connection's requests and answers in one protocol. It writes requests that are all but encoded beforehand, and checks each
 * answer. Used by one event loop.
 */
interface Conversation {

    /** Makes a conversation for each connection of a load. */
    interface Factory {

        /**
         * @param depth calls that may be open
         * @param connection a number from 0
         */
        Conversation open(int depth, int connection, Tally tally);
    }

    /** What is sent before the first call. */
    void greet(ByteBuf out);

    /**
     * Writes the next call. At most {@code depth} are open.
     *
     * @param dueAt when it was due, by {@link System#nanoTime}
     */
    void call(ByteBuf out, long dueAt);

    /**
     * Reads the answers that are complete, and counts them.
     *
     * @return calls that are now answered as a whole
     * @throws WrongAnswerException if an answer is not what was asked for
     */
    int read(ByteBuf in);
}
