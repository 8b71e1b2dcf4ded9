package org.waymark.node.endpoint.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.web.CacheControl;
import org.waymark.node.web.EntityTag;
import org.waymark.node.web.Headers;
import org.waymark.node.web.WebRequest;
import org.waymark.node.web.WebResponse;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.v1.Outcome;
import org.waymark.wire.AnswerSource;

/**
 * Records as JSON, as protobuf, and as the link that they stand for. What was made once of the same bytes is kept: a record that is asked
 * for often is not encoded each time. Safe for use by many threads.
 */
final class RecordViews {

    private static final long KEPT_BYTES = 16 * 1_024 * 1_024;
    private static final int TAG_BYTES = 16;
    private static final int OVERHEAD_BYTES = 512;

    static final String VARY = "Accept, Accept-Language";

    /** What a record is made into. */
    enum Kind {
        JSON("application/json"),
        PROTOBUF("application/protobuf"),
        /** A redirection. */
        LINK("");

        private final String mediaType;

        Kind(String mediaType) {
            this.mediaType = mediaType;
        }

        String mediaType() {
            return mediaType;
        }
    }

    /**
     * @param likes what else the view depends on
     */
    private record ViewKey(Kind kind, Outcome outcome, byte[] payload, String likes) {

        @Override
        public boolean equals(Object other) {
            return other instanceof ViewKey key
                    && kind == key.kind
                    && outcome == key.outcome
                    && likes.equals(key.likes)
                    && Arrays.equals(payload, key.payload);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * Arrays.hashCode(payload) + kind.ordinal()) + likes.hashCode();
        }
    }

    private final Cache<ViewKey, View> views = Caffeine.newBuilder()
            .maximumWeight(KEPT_BYTES)
            .weigher((ViewKey key, View view) ->
                    OVERHEAD_BYTES + key.payload.length + 2 * key.likes.length() + view.body.length)
            .build();

    /** What is the same in all answers with one record. */
    static final class View {

        private final int status;
        private final Headers headers;
        private final byte[] body;
        private final String tag;
        /** The answer of the last second; the next one is the same, more often than not. */
        private volatile Given given;

        private record Given(WebResponse response, long lifeSeconds, AnswerSource source, boolean stale) {}

        private View(int status, Headers headers, byte[] body, String tag) {
            this.status = status;
            this.headers = headers;
            this.body = body;
            this.tag = tag;
        }

        int status() {
            return status;
        }

        /** Its entity tag. */
        String tag() {
            return tag;
        }

        /** The answer with what differs from one to the next. */
        WebResponse response(long lifeSeconds, AnswerSource source, boolean stale) {
            Given last = given;
            if (last == null || last.lifeSeconds != lifeSeconds || last.source != source || last.stale != stale) {
                WebResponse response = WebResponse.of(status, fresh(headers, lifeSeconds, source, stale), body);
                last = new Given(response, lifeSeconds, source, stale);
                given = last;
            }
            return last.response;
        }

        /** 304 in place of {@link #response}. */
        WebResponse notModified(long lifeSeconds, AnswerSource source, boolean stale) {
            return WebResponse.of(304, fresh(Headers.of("ETag", tag, "Vary", VARY), lifeSeconds, source, stale));
        }
    }

    static Headers fresh(Headers headers, long lifeSeconds, AnswerSource source, boolean stale) {
        return headers.with("Cache-Control", stale ? "no-cache" : CacheControl.publicFor(lifeSeconds * 1_000))
                .with("Waymark-Source", sourceName(source) + (stale ? "; stale" : ""));
    }

    static String sourceName(AnswerSource source) {
        return switch (source) {
            case NONE -> "unknown";
            case NEAR_CACHE -> "near-cache";
            case REDIS -> "redis";
            case REGISTRY -> "registry";
            case OTHER_NODE -> "other-node";
        };
    }

    /** The record as this kind. */
    View record(Kind kind, int status, StoredAnswer answer) {
        return views.get(
                new ViewKey(kind, answer.outcome(), answer.payload(), ""), key -> encode(kind, status, answer));
    }

    private static View encode(Kind kind, int status, StoredAnswer answer) {
        byte[] body = kind == Kind.PROTOBUF ? answer.payload() : RecordJson.encode(answer.outcome(), parse(answer));
        String tag = tag(answer, kind == Kind.PROTOBUF ? "p" : "j");
        return new View(
                status,
                Headers.of(
                        "Content-Type",
                        kind.mediaType(),
                        "ETag",
                        tag,
                        "Vary",
                        VARY,
                        "Waymark-Outcome",
                        answer.outcome().name()),
                body,
                tag);
    }

    /** A redirection to the record's own link, the one that the request likes best; empty where it has none. */
    Optional<View> link(StoredAnswer answer, WebRequest request) {
        String likes = request.header("Accept").orElse("")
                + '\n'
                + request.header("Accept-Language").orElse("")
                + '\n'
                + request.query("context").orElse("");
        View view = views.get(
                new ViewKey(Kind.LINK, answer.outcome(), answer.payload(), likes), key -> redirect(answer, request));
        return view.status == 0 ? Optional.empty() : Optional.of(view);
    }

    private static View redirect(StoredAnswer answer, WebRequest request) {
        Optional<String> link = RecordLinks.defaultLink(parse(answer), request);
        if (link.isEmpty()) {
            return new View(0, Headers.NONE, new byte[0], "");
        }
        Headers headers = Headers.of(
                "Location",
                link.get(),
                "Vary",
                VARY,
                "Waymark-Outcome",
                answer.outcome().name());
        return new View(307, headers, new byte[0], "");
    }

    static IdentifierRecord parse(StoredAnswer answer) {
        return IdentifierRecord.parse(ByteString.copyFrom(answer.payload()));
    }

    /** Strong: the same tag means the same bytes. */
    private static String tag(StoredAnswer answer, String kind) {
        return EntityTag.strong(
                digest(answer.payload()) + "-" + answer.outcome().getNumber() + kind);
    }

    static String digest(byte[] bytes) {
        return HexFormat.of().formatHex(HashFunction.SHA_256.digest(bytes), 0, TAG_BYTES);
    }
}
