package org.waymark.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import org.waymark.Limits;
import org.waymark.v1.Proof;

/** A signature over a tree's root, and the path from one header to that root. Within its limits; not yet verified. */
public record SignatureProof(long treeSize, long leaf, ByteString path, ByteString signature) {

    private static final int TREE_SIZE_TAG = 0x08;
    private static final int LEAF_TAG = 0x10;
    private static final int PATH_TAG = 0x1A;
    private static final int SIGNATURE_TAG = 0x22;

    /** Reads a proof; null where it is not plainly encoded or not within its limits. */
    static SignatureProof plain(PlainReader in) {
        long treeSize = in.next(TREE_SIZE_TAG) ? in.number() : 0;
        long leaf = in.next(LEAF_TAG) ? in.number() : 0;
        ByteString path = in.next(PATH_TAG) ? in.bytes() : ByteString.EMPTY;
        ByteString signature = in.next(SIGNATURE_TAG) ? in.bytes() : ByteString.EMPTY;
        if (!in.isAtEnd() || path == null || signature == null) {
            return null;
        }
        SignatureProof proof = new SignatureProof(treeSize, leaf, path, signature);
        return proof.fault("proof") == null ? proof : null;
    }

    /** The length of {@link #writeTo}. */
    int encodedBytes() {
        int bytes = CodedOutputStream.computeUInt64Size(Proof.TREE_SIZE_FIELD_NUMBER, treeSize)
                + CodedOutputStream.computeBytesSize(Proof.SIGNATURE_FIELD_NUMBER, signature);
        bytes += leaf == 0 ? 0 : CodedOutputStream.computeUInt64Size(Proof.LEAF_FIELD_NUMBER, leaf);
        return bytes + (path.isEmpty() ? 0 : CodedOutputStream.computeBytesSize(Proof.PATH_FIELD_NUMBER, path));
    }

    /** Writes what {@link #toProto} encodes to. */
    void writeTo(CodedOutputStream out) throws IOException {
        out.writeUInt64(Proof.TREE_SIZE_FIELD_NUMBER, treeSize);
        if (leaf != 0) {
            out.writeUInt64(Proof.LEAF_FIELD_NUMBER, leaf);
        }
        if (!path.isEmpty()) {
            out.writeBytes(Proof.PATH_FIELD_NUMBER, path);
        }
        out.writeBytes(Proof.SIGNATURE_FIELD_NUMBER, signature);
    }

    /**
     * Reads a proof.
     *
     * @param field what it is called where it is at fault
     * @throws InvalidRecordException if it is over a limit
     */
    public static SignatureProof of(String field, Proof proof) {
        SignatureProof read =
                new SignatureProof(proof.getTreeSize(), proof.getLeaf(), proof.getPath(), proof.getSignature());
        read.requireWithinLimits(field);
        return read;
    }

    void requireWithinLimits(String field) {
        InvalidRecordException fault = fault(field);
        if (fault != null) {
            throw fault;
        }
    }

    /** Which limit is broken, or null. */
    private InvalidRecordException fault(String field) {
        if (treeSize < 1 || treeSize > Limits.TREE_LEAVES) {
            return new InvalidRecordException(field + ".tree_size", "must be 1 to " + Limits.TREE_LEAVES);
        }
        if (leaf < 0 || leaf >= treeSize) {
            return new InvalidRecordException(field + ".leaf", "must be below the tree's size");
        }
        int pathBytes = path.size();
        if (pathBytes % Limits.DIGEST_BYTES != 0 || pathBytes > Limits.TREE_PATH_DIGESTS * Limits.DIGEST_BYTES) {
            return new InvalidRecordException(
                    field + ".path", "must be at most " + Limits.TREE_PATH_DIGESTS + " digests of 32 bytes");
        }
        if (signature.size() != Limits.SIGNATURE_BYTES) {
            return new InvalidRecordException(field + ".signature", "must be " + Limits.SIGNATURE_BYTES + " bytes");
        }
        return null;
    }

    /**
     * The root that this path leads a header to.
     *
     * @throws InvalidRecordException if the path has not the length that the place needs
     */
    public byte[] rootOf(HashFunction hash, byte[] headerLeaf) {
        return MerkleTree.rootOf(hash, headerLeaf, leaf, treeSize, path.toByteArray());
    }

    public Proof toProto() {
        return Proof.newBuilder()
                .setTreeSize(treeSize)
                .setLeaf(leaf)
                .setPath(path)
                .setSignature(signature)
                .build();
    }
}
