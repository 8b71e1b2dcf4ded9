package org.waymark.node.endpoint.handle;

/** What a request asks for besides its operation: bits of the header's third field. */
final class OpFlags {

    /** Not from a cache. */
    static final int AUTHORITATIVE = 0x8000_0000;
    /** The answer is to be signed. */
    static final int CERTIFY = 0x4000_0000;
    /** The answer is to be encrypted. */
    static final int ENCRYPT = 0x2000_0000;
    /** The server may ask other servers itself. */
    static final int RECURSIVE = 0x1000_0000;
    /** Caches are to verify what servers sign. */
    static final int CACHE_CERTIFY = 0x0800_0000;
    /** More messages follow to this one. */
    static final int CONTINUOUS = 0x0400_0000;
    /** The connection is to stay open. */
    static final int KEEP_ALIVE = 0x0200_0000;
    /** Values that everybody may read are enough. */
    static final int PUBLIC_ONLY = 0x0100_0000;
    /** The answer is to begin with a digest of the request. */
    static final int REQUEST_DIGEST = 0x0080_0000;
    /** A record that is there is to be replaced. */
    static final int OVERWRITE = 0x0040_0000;
    /** The server is to choose the handle. */
    static final int MINT = 0x0020_0000;
    /** The answer may not be a referral. */
    static final int NO_REFERRAL = 0x0010_0000;

    /** What an answer repeats of its request's. */
    private static final int REPEATED =
            AUTHORITATIVE | RECURSIVE | CACHE_CERTIFY | KEEP_ALIVE | PUBLIC_ONLY | REQUEST_DIGEST | NO_REFERRAL;

    private OpFlags() {}

    static int ofAnswer(int ofRequest) {
        return ofRequest & REPEATED;
    }
}
