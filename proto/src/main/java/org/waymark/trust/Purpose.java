package org.waymark.trust;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a signature is for. What was signed for one purpose can't be used for another. */
public enum Purpose {
    /** A record, by its owner. */
    RECORD,
    /** A new version of a prefix record, by a key of the version before. */
    CONSENT,
    /** That there is no such record. */
    DENIAL,
    /** That another node answers. */
    REFERRAL,
    /** That a connection speaks for a prefix. */
    CHALLENGE,
    /** A state of a node's log. */
    CHECKPOINT,
    /** That an enterprise asks for a prefix. */
    APPLICATION,
    /** What a prefix decides about one below it. */
    DECISION,
    /** A question that only who may is answered. */
    QUERY;

    private static final byte[] DOMAIN = "waymark/signature/v1\0".getBytes(StandardCharsets.US_ASCII);

    private final byte[] text = (name().toLowerCase(Locale.ROOT) + "\0").getBytes(StandardCharsets.US_ASCII);

    /** The bytes that a key of this suite signs for a tree of this size and root; see {@code Proof} in record.proto. */
    public byte[] signedBytes(Suite suite, long treeSize, byte[] root) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(96);
        bytes.writeBytes(DOMAIN);
        bytes.writeBytes(text);
        bytes.write(suite.code());
        bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(treeSize).array());
        bytes.writeBytes(root);
        return bytes.toByteArray();
    }
}
