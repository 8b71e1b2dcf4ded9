package org.waymark.trust;

import com.google.protobuf.ByteString;
import java.util.LinkedHashMap;
import java.util.Map;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.SignatureProof;

/**
 * Verifies the signatures of records. Remembers the roots that it has verified, so that records which share a tree cost one
 * signature check. Safe for use by many threads.
 */
public final class SignatureVerifier {

    private static final int REMEMBERED = 1_024;

    private record VerifiedRoot(KeyId key, Purpose purpose, long treeSize, ByteString root, ByteString signature) {}

    private final Map<VerifiedRoot, Boolean> verified = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<VerifiedRoot, Boolean> eldest) {
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
        byte[] root;
        try {
            root = proof.rootOf(
                    key.suite().hash(), record.headerLeaf(key.suite().hash()));
        } catch (InvalidRecordException e) {
            return false;
        }
        VerifiedRoot claim =
                new VerifiedRoot(key.id(), purpose, proof.treeSize(), ByteString.copyFrom(root), proof.signature());
        synchronized (verified) {
            if (verified.get(claim) != null) {
                return true;
            }
        }
        byte[] message = purpose.signedBytes(key.suite(), proof.treeSize(), root);
        boolean verifies = key.verifies(message, proof.signature().toByteArray());
        if (verifies) {
            synchronized (verified) {
                verified.put(claim, true);
            }
        }
        return verifies;
    }
}
