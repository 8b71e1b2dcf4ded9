package org.waymark.wire;

/** Where an answer was found; the codes are those of {@code resolver.proto}. */
public enum AnswerSource {
    /** Nowhere in particular: a refusal or an error. */
    NONE(0),
    NEAR_CACHE(1),
    REDIS(2),
    REGISTRY(3),
    OTHER_NODE(4);

    private static final AnswerSource[] BY_CODE = values();

    private final int code;

    AnswerSource(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** The source with this code; NONE for an unknown one. */
    public static AnswerSource ofCode(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : NONE;
    }
}
