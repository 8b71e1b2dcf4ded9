package org.waymark.trust;

import com.google.protobuf.ByteString;
import java.util.LinkedHashMap;
import java.util.Map;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.SignatureProof;
import org.waymark.record.VerifiedTree;

/**
 * Verifies the signatures of records. Remembers the trees that it has verified, so that records which share one cost one signature
 * check, and hardly more than one digest each. Safe for use by many threads.
 */
public final class SignatureVerifier {

    private static final int REMEMBERED = 1_024;

    /** A signature that verified, and what it says about the tree but its root. */
    private record Signed(KeyId key, Purpose purpose, long treeSize, ByteString signature) {}

    private final Map<Signed, VerifiedTree> verified = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Signed, VerifiedTree> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** True where this key signed the record's header. Says nothing about the values or about what the key may sign. */
    public boolean verifies(IdentifierRecord record, VerifyingKey key) {
        return record.keyId().equals(key.id().bytes()) && verifies(Purpose.RECORD, record, record.proof(), key);
    }

    /** True where the record carries this key's consent. */
    public boolean consentVerifies(IdentifierRecord record, VerifyingKey key) {
        return record.consent()
                .filter(consent -> consent.keyId().equals(key.id().bytes()))
                .filter(consent -> verifies(Purpose.CONSENT, record, consent.proof(), key))
                .isPresent();
    }

    private boolean verifies(Purpose purpose, IdentifierRecord record, SignatureProof proof, VerifyingKey key) {
        return verifies(purpose, record.headerLeaf(key.suite().hash()), proof, key);
    }

    /** True where this key signed, for this purpose, the root that the proof leads the leaf to. */
    boolean verifies(Purpose purpose, byte[] leaf, SignatureProof proof, VerifyingKey key) {
        HashFunction hash = key.suite().hash();
        Signed signed = new Signed(key.id(), purpose, proof.treeSize(), proof.signature());
        VerifiedTree known;
        synchronized (verified) {
            known = verified.get(signed);
        }
        if (known != null && known.holds(proof, leaf)) {
            return true;
        }
        byte[] root;
        try {
            root = proof.rootOf(hash, leaf);
        } catch (InvalidRecordException e) {
            return false;
        }
        if (known != null && known.hasRoot(root)) {
            return true;
        }
        byte[] message = purpose.signedBytes(key.suite(), proof.treeSize(), root);
        if (!key.verifies(message, proof.signature().toByteArray())) {
            return false;
        }
        VerifiedTree tree = new VerifiedTree(hash, root, proof.treeSize());
        tree.holds(proof, leaf);
        synchronized (verified) {
            verified.put(signed, tree);
        }
        return true;
    }
}
