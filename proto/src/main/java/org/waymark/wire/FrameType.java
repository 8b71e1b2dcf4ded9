package org.waymark.wire;

/** The types of frames; the codes are those of {@code resolver.proto}. */
public enum FrameType {
    HELLO(1),
    WELCOME(2),
    RESOLVE(3),
    RESOLVE_MANY(4),
    ANSWER(5),
    REGISTER(6),
    REGISTERED(7),
    HISTORY(8),
    HISTORY_PAGE(9),
    INFO(10),
    NODE_INFO(11),
    FAILED(12),
    GOODBYE(13),
    SCAN(14),
    SCAN_PAGE(15),
    LOG(16),
    LOG_PART(17),
    LIFE_CYCLE(20),
    LIFE_CYCLE_RESULT(21);

    private static final FrameType[] BY_CODE = new FrameType[LIFE_CYCLE_RESULT.code + 1];

    static {
        for (FrameType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** The type with this code, or null: a peer may send any byte. */
    public static FrameType ofCode(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
