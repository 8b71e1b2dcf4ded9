package org.waymark.record;

import com.google.protobuf.ByteString;
import org.waymark.Limits;
import org.waymark.v1.Proof;

/** A signature over a tree's root, and the path from one header to that root. Within its limits; not yet verified. */
public record SignatureProof(long treeSize, long leaf, ByteString path, ByteString signature) {

    static SignatureProof of(String field, Proof proof) {
        if (proof.getTreeSize() < 1 || proof.getTreeSize() > Limits.TREE_LEAVES) {
            throw new InvalidRecordException(field + ".tree_size", "must be 1 to " + Limits.TREE_LEAVES);
        }
        if (proof.getLeaf() < 0 || proof.getLeaf() >= proof.getTreeSize()) {
            throw new InvalidRecordException(field + ".leaf", "must be below the tree's size");
        }
        int pathBytes = proof.getPath().size();
        if (pathBytes % Limits.DIGEST_BYTES != 0 || pathBytes > Limits.TREE_PATH_DIGESTS * Limits.DIGEST_BYTES) {
            throw new InvalidRecordException(
                    field + ".path", "must be at most " + Limits.TREE_PATH_DIGESTS + " digests of 32 bytes");
        }
        if (proof.getSignature().size() != Limits.SIGNATURE_BYTES) {
            throw new InvalidRecordException(field + ".signature", "must be " + Limits.SIGNATURE_BYTES + " bytes");
        }
        return new SignatureProof(proof.getTreeSize(), proof.getLeaf(), proof.getPath(), proof.getSignature());
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
