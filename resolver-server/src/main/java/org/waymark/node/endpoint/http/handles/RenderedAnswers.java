package org.waymark.node.endpoint.http.handles;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Arrays;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.web.CacheControl;
import org.waymark.node.web.WebResponse;
import org.waymark.record.RecordKey;

/**
 * Documents that were made already, by what was asked for. They are given out only together with the very answer that they were made of:
 * so nothing here ever has to be dropped because a record changed. Bounded by bytes; safe for use by many threads.
 */
final class RenderedAnswers {

    /** Longer requests are rare, and not worth the room. */
    private static final int MAX_TARGET = 512;
    /** About what an entry needs beside its payload and its body. */
    private static final int ENTRY_BYTES = 768;

    private static final long SECOND_MILLIS = 1_000;

    private final Cache<String, Rendered> byTarget;

    /**
     * @param maxBytes of all documents together, about; 0: none is kept
     */
    RenderedAnswers(long maxBytes) {
        byTarget = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((String target, Rendered rendered) -> 2 * target.length() + rendered.bytes())
                .build();
    }

    /**
     * What was made for this request before; null where there is nothing.
     *
     * @param target path and query, as they were sent
     */
    Rendered find(String target) {
        return target.length() > MAX_TARGET ? null : byTarget.getIfPresent(target);
    }

    void keep(String target, Rendered rendered) {
        if (target.length() <= MAX_TARGET) {
            byTarget.put(target, rendered);
        }
    }

    /** One document. Safe for use by many threads. */
    static final class Rendered {

        private final RecordKey key;
        private final byte[] payload;
        private final WebResponse plain;
        private volatile Timed last;

        /** The document with the header field that says how long it may be kept, which is the same within a second. */
        private record Timed(long seconds, WebResponse response) {}

        /**
         * @param key what has to be looked up for the document
         * @param payload of the answer that it is made of
         * @param plain without {@code Cache-Control}
         */
        Rendered(RecordKey key, byte[] payload, WebResponse plain) {
            this.key = key;
            this.payload = payload;
            this.plain = plain;
        }

        RecordKey key() {
            return key;
        }

        /** True if this is what the answer would be made into again. */
        boolean isOf(StoredAnswer answer) {
            return payload == answer.payload() || Arrays.equals(payload, answer.payload());
        }

        /** The document, to be kept for that long. */
        WebResponse response(long lifeMillis) {
            long seconds = lifeMillis / SECOND_MILLIS;
            Timed timed = last;
            if (timed == null || timed.seconds != seconds) {
                timed = new Timed(seconds, plain.with("Cache-Control", CacheControl.publicFor(lifeMillis)));
                last = timed;
            }
            return timed.response;
        }

        private int bytes() {
            return ENTRY_BYTES + payload.length + plain.body().length;
        }
    }
}
