package org.waymark.trust;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.waymark.record.HashFunction;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.MerkleTree;
import org.waymark.record.RecordDigest;
import org.waymark.record.SignatureProof;
import org.waymark.v1.SignedStatement;

/**
 * Bytes that a key signed for a purpose, by themselves; see lifecycle.proto. Within its limits; whether it verifies is for {@link
 * #isSignedBy} to say. Immutable.
 */
public record Statement(Purpose purpose, ByteString bytes, SignatureProof proof) {

    /** Signs. */
    public static Statement sign(SigningKey key, Purpose purpose, ByteString bytes) {
        byte[] root = leaf(purpose, key.suite().hash(), bytes);
        byte[] signature = key.sign(purpose.signedBytes(key.suite(), 1, root));
        return new Statement(
                purpose, bytes, new SignatureProof(1, 0, ByteString.EMPTY, ByteString.copyFrom(signature)));
    }

    /**
     * Reads a signed statement.
     *
     * @param field what it is called where it is at fault
     * @param maxBytes of the statement
     * @throws InvalidRecordException if it is over a limit, or its proof is none of a tree of one
     */
    public static Statement of(String field, Purpose purpose, SignedStatement message, int maxBytes) {
        int bytes = message.getStatement().size();
        if (bytes > maxBytes) {
            throw InvalidRecordException.overLimit(field, "bytes", bytes, maxBytes);
        }
        SignatureProof proof = SignatureProof.of(field + ".proof", message.getProof());
        if (proof.treeSize() != 1 || !proof.path().isEmpty()) {
            throw new InvalidRecordException(field + ".proof", "must be of a tree of one");
        }
        return new Statement(purpose, message.getStatement(), proof);
    }

    /** True where this key signed it for its purpose. */
    public boolean isSignedBy(VerifyingKey key) {
        byte[] root = leaf(purpose, key.suite().hash(), bytes);
        return key.verifies(
                purpose.signedBytes(key.suite(), 1, root), proof.signature().toByteArray());
    }

    /**
     * What the step after this one names.
     *
     * @param hash of the suite of the key that signed
     */
    public RecordDigest digest(HashFunction hash) {
        return RecordDigest.of(hash, leaf(purpose, hash, bytes));
    }

    private static byte[] leaf(Purpose purpose, HashFunction hash, ByteString bytes) {
        String tag = "waymark/" + purpose.name().toLowerCase(Locale.ROOT) + "/v1\0";
        return MerkleTree.leaf(hash, tag.getBytes(StandardCharsets.US_ASCII), bytes.toByteArray());
    }

    public SignedStatement toProto() {
        return SignedStatement.newBuilder()
                .setStatement(bytes)
                .setProof(proof.toProto())
                .build();
    }
}
