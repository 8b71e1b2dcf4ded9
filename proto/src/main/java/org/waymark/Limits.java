package org.waymark;

/**
 * Every limit of the format and of the protocol. Sizes are in bytes unless the name says otherwise. All are checked before
 * anything of the stated size is allocated.
 */
public final class Limits {

    /** An identifier's canonical text in UTF-8. */
    public static final int IDENTIFIER_BYTES = 2_048;

    /** A prefix's canonical text in UTF-8. */
    public static final int PREFIX_BYTES = 255;

    /** An encoded {@code SignedRecord}. */
    public static final int RECORD_BYTES = 64 * 1_024;

    /** An encoded {@code SignedRecord} that is partial: a digest may be longer than the value that it stands for. */
    public static final int PARTIAL_RECORD_BYTES = RECORD_BYTES + 8 * 1_024;

    /** An encoded {@code Header}. */
    public static final int HEADER_BYTES = 8 * 1_024;

    /** Values of one record. */
    public static final int VALUES = 256;

    /** A value's type in UTF-8. */
    public static final int VALUE_TYPE_BYTES = 128;

    /** A value's data. */
    public static final int VALUE_DATA_BYTES = 60 * 1_024;

    /** Prefixes that may read one value. */
    public static final int VALUE_READERS = 64;

    /** The salt of a restricted value, exactly. */
    public static final int SALT_BYTES = 16;

    /** A digest of either hash, exactly. */
    public static final int DIGEST_BYTES = 32;

    /** A signature of either suite, exactly. */
    public static final int SIGNATURE_BYTES = 64;

    /** Headers that may share one signature. */
    public static final int TREE_LEAVES = 65_536;

    /** Digests in the path from a header to its tree's root. */
    public static final int TREE_PATH_DIGESTS = 16;

    /** Keys of one prefix. */
    public static final int PREFIX_KEYS = 100;

    /** A key's SubjectPublicKeyInfo. */
    public static final int PUBLIC_KEY_BYTES = 512;

    /** A party's legal name in UTF-8. */
    public static final int PARTY_NAME_BYTES = 256;

    /** The longest life of an answer, in seconds: 30 days. */
    public static final int TTL_SECONDS = 30 * 24 * 60 * 60;

    /** The longest life of an answer with a prefix record, in seconds. */
    public static final int PREFIX_TTL_SECONDS = 300;

    /** How far a record's time may be ahead of the clock of the node that admits it, in milliseconds: 5 minutes. */
    public static final long CLOCK_AHEAD_MILLIS = 5 * 60 * 1_000L;

    /** What follows the length field of a frame: 1 MiB. */
    public static final int FRAME_BYTES = 1_024 * 1_024;

    /** Items of one resolve-many, records of one registration. A node may be configured to allow fewer. */
    public static final int BATCH_ITEMS = 1_000;

    /** Indexes, and types, that one request may select. */
    public static final int SELECTORS = 256;

    /** Indexes and types that the items of one resolve-many may select together: a small frame must not stand for many objects. */
    public static final int SELECTORS_OF_MANY = 4_096;

    /** What a scan's page gives to go on from. */
    public static final int SCAN_CURSOR_BYTES = IDENTIFIER_BYTES + 16;

    /** Prefixes from an anchor down to a record that a verifier follows. */
    public static final int CHAIN_LENGTH = 16;

    /** The prefix records that come along with one answer, together. */
    public static final int ANSWER_CHAIN_BYTES = 256 * 1_024;

    /** An encoded {@code Application}. */
    public static final int APPLICATION_BYTES = 8 * 1_024;

    /** Keys of one application. */
    public static final int APPLICATION_KEYS = 8;

    /** Node addresses of one application. */
    public static final int APPLICATION_ADDRESSES = 8;

    /** An encoded {@code Decision}, and an encoded {@code CaseQuery}. */
    public static final int DECISION_BYTES = 4 * 1_024;

    /** The reason of a decision in UTF-8. */
    public static final int REASON_BYTES = 512;

    /** Steps of a case that come in one answer. */
    public static final int STEPS_OF_PAGE = 64;

    /** What names a part of a log. */
    public static final int LOG_PATH_BYTES = 128;

    /** Lines of signatures that are handed in at once. */
    public static final int COSIGNATURES_BYTES = 16 * 1_024;

    private Limits() {}
}
