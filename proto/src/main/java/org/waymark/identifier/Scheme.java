package org.waymark.identifier;

/** The grammars that Waymark resolves. The codes are those of {@code IdentifierScheme} in {@code record.proto}. */
public enum Scheme {
    /** National identifiers of the industrial internet: {@code 88.118.8/JXDY2106023}. */
    VAA(1, "vaa"),
    /** Handle System and DOI names: {@code 20.500.12345/abc}. */
    HANDLE(2, "hdl"),
    /** GS1 keys with their qualifiers: {@code gs1:01/09506000164908/21/12345}. */
    GS1(3, "gs1"),
    /** Object identifiers (ISO/IEC 9834): {@code 1.2.156.3088.1}. */
    OID(4, "oid"),
    /** Ecode (GB/T 31866): {@code 0|0001|6901234567892}. */
    ECODE(5, "ecode"),
    /** MA identifiers (ISO/IEC 15459): {@code MA.156.1001.1234/5}. */
    MA(6, "ma"),
    /** Blockchain-based identifiers: {@code did:bid:efnVUgqQFfYeu97ABf6sGm3WFtVXHZB2}. */
    BID(7, "bid");

    private static final Scheme[] BY_CODE = new Scheme[8];

    static {
        for (Scheme scheme : values()) {
            BY_CODE[scheme.code] = scheme;
        }
    }

    private final int code;
    private final String tag;

    Scheme(int code, String tag) {
        this.code = code;
        this.tag = tag;
    }

    /** The number on the wire, 1 to 7. */
    public int code() {
        return code;
    }

    /** The short lower-case name that texts of prefixes carry, as in {@code oid:1.2.156}. */
    public String tag() {
        return tag;
    }

    /**
     * The scheme with this code.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Scheme ofCode(int code) {
        if (code < 1 || code >= BY_CODE.length) {
            throw new IllegalArgumentException(
                    "no identifier scheme has the code " + code + "; allowed are 1 to " + (BY_CODE.length - 1));
        }
        return BY_CODE[code];
    }
}
