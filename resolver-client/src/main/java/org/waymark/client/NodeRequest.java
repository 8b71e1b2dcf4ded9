package org.waymark.client;

import java.util.function.Supplier;
import org.waymark.wire.Frame;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/**
 * A request and how its answer is read. Immutable, so that it may be sent again over another connection.
 *
 * @param cost what it counts towards the node's limit of open requests
 * @param readers makes a reader for each attempt
 */
record NodeRequest<T>(FrameType type, int flags, byte[] payload, int cost, Supplier<Reader<T>> readers) {

    /** Reads the frames that carry the request's id. Used by one thread. */
    interface Reader<T> {

        /**
         * Takes a frame; it stays the caller's to release.
         *
         * @return the answer, or null while more frames are to come
         * @throws ProtocolViolationException if the frame is no answer to this request
         */
        T read(Frame frame);
    }

    FrameHeader header(int requestId) {
        return FrameHeader.request(type, requestId).with(flags);
    }
}
