package org.waymark.trust;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.waymark.Limits;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.MerkleTree;
import org.waymark.record.RecordDraft;
import org.waymark.record.SignatureProof;

/** Signs records with one key. Immutable, safe for use by many threads. */
public final class RecordSigner {

    /** Records that share a signature, unless told otherwise: signing gets 64 times cheaper for 192 bytes of path. */
    public static final int USUAL_TREE = 64;

    private final SigningKey key;

    public RecordSigner(SigningKey key) {
        this.key = key;
    }

    /** Signs one record in a tree of its own. */
    public IdentifierRecord sign(RecordDraft draft) {
        return signTree(List.of(draft)).get(0);
    }

    /** Signs a new version of a prefix record, with the consent of a key of the version before. */
    public IdentifierRecord signWithConsent(RecordDraft draft, SigningKey consenting) {
        ByteString header = draft.headerFor(key.id().bytes(), key.suite().hash());
        SignatureProof consent = treeOfOne(consenting, Purpose.CONSENT, header);
        return draft.signed(
                header,
                treeOfOne(key, Purpose.RECORD, header),
                new IdentifierRecord.KeyConsent(consenting.id().bytes(), consent));
    }

    private static SignatureProof treeOfOne(SigningKey key, Purpose purpose, ByteString header) {
        byte[] root = RecordDraft.headerLeaf(key.suite().hash(), header);
        byte[] signature = key.sign(purpose.signedBytes(key.suite(), 1, root));
        return new SignatureProof(1, 0, ByteString.EMPTY, ByteString.copyFrom(signature));
    }

    /** Signs any number of records, {@value #USUAL_TREE} to a signature. The results are in the order of the drafts. */
    public List<IdentifierRecord> signAll(List<RecordDraft> drafts) {
        return signAll(drafts, USUAL_TREE);
    }

    /**
     * Signs any number of records, so many to a signature.
     *
     * @param treeSize 1 to 65,536
     */
    public List<IdentifierRecord> signAll(List<RecordDraft> drafts, int treeSize) {
        if (treeSize < 1 || treeSize > Limits.TREE_LEAVES) {
            throw new IllegalArgumentException("a tree has 1 to " + Limits.TREE_LEAVES + " leaves, not " + treeSize);
        }
        List<IdentifierRecord> records = new ArrayList<>(drafts.size());
        for (int from = 0; from < drafts.size(); from += treeSize) {
            records.addAll(signTree(drafts.subList(from, Math.min(from + treeSize, drafts.size()))));
        }
        return records;
    }

    private List<IdentifierRecord> signTree(List<RecordDraft> drafts) {
        HashFunction hash = key.suite().hash();
        List<ByteString> headers = new ArrayList<>(drafts.size());
        List<byte[]> leaves = new ArrayList<>(drafts.size());
        for (RecordDraft draft : drafts) {
            ByteString header = draft.headerFor(key.id().bytes(), hash);
            headers.add(header);
            leaves.add(RecordDraft.headerLeaf(hash, header));
        }
        MerkleTree tree = new MerkleTree(hash, leaves);
        ByteString signature =
                ByteString.copyFrom(key.sign(Purpose.RECORD.signedBytes(key.suite(), tree.size(), tree.root())));
        List<IdentifierRecord> records = new ArrayList<>(drafts.size());
        for (int i = 0; i < drafts.size(); i++) {
            ByteString path = ByteString.copyFrom(tree.path(i));
            records.add(
                    drafts.get(i).signed(headers.get(i), new SignatureProof(tree.size(), i, path, signature), null));
        }
        return records;
    }
}
