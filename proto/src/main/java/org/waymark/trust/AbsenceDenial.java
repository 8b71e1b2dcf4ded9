package org.waymark.trust;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.waymark.Limits;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.record.HashFunction;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.MerkleTree;
import org.waymark.record.RecordKey;
import org.waymark.record.SignatureProof;
import org.waymark.v1.Denial;
import org.waymark.v1.DenialStatement;
import org.waymark.v1.KeyRole;

/**
 * That there is no record, as a node signed it; see {@code Denial} in resolver.proto for what it proves and which key may. Within its
 * limits. Immutable.
 */
public final class AbsenceDenial {

    /** Denials that share a signature at most. */
    public static final int LARGEST_TREE = 256;

    private static final byte[] TAG = "waymark/denial/v1\0".getBytes(StandardCharsets.US_ASCII);

    private final Denial message;
    private final RecordKey key;
    private final Prefix owner;
    private final Prefix signer;
    private final DenialStatement statement;
    private final SignatureProof proof;

    private AbsenceDenial(
            Denial message,
            RecordKey key,
            Prefix owner,
            Prefix signer,
            DenialStatement statement,
            SignatureProof proof) {
        this.message = message;
        this.key = key;
        this.owner = owner;
        this.signer = signer;
        this.statement = statement;
        this.proof = proof;
    }

    /**
     * Reads a denial; says nothing about whether it verifies.
     *
     * @throws InvalidRecordException if a part is missing, not canonical or over its limit
     */
    public static AbsenceDenial parse(Denial message) {
        if (message.getStatement().size() > Limits.HEADER_BYTES) {
            throw InvalidRecordException.overLimit(
                    "denial.statement", "bytes", message.getStatement().size(), Limits.HEADER_BYTES);
        }
        DenialStatement statement;
        try {
            statement = DenialStatement.parseFrom(message.getStatement());
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidRecordException("denial.statement", "is not an encoded DenialStatement");
        }
        RecordKey key = RecordKey.fromProto(statement.getKey());
        if (statement.getKeyId().size() != Limits.DIGEST_BYTES) {
            throw new InvalidRecordException("denial.key_id", "must be 32 bytes");
        }
        if (Integer.toUnsignedLong(statement.getTtl()) > Limits.TTL_SECONDS) {
            throw new InvalidRecordException("denial.ttl", "must be 0 to " + Limits.TTL_SECONDS);
        }
        return new AbsenceDenial(
                message,
                key,
                prefix("denial.owner", key, statement.getOwner()),
                prefix("denial.signer", key, statement.getSigner()),
                statement,
                SignatureProof.of("denial.proof", message.getProof()));
    }

    private static Prefix prefix(String field, RecordKey key, String text) {
        try {
            Prefix prefix = Prefix.of(key.scheme(), text);
            if (prefix.canonical().equals(text)) {
                return prefix;
            }
        } catch (InvalidIdentifierException e) {
            throw new InvalidRecordException(field, "is no prefix: " + e.getMessage());
        }
        throw new InvalidRecordException(field, "must be canonical");
    }

    /**
     * Signs denials of one moment with one signature.
     *
     * @param statements 1 to {@value #LARGEST_TREE}, each naming this key
     */
    public static List<Denial> sign(SigningKey key, List<DenialStatement> statements) {
        if (statements.isEmpty() || statements.size() > LARGEST_TREE) {
            throw new IllegalArgumentException(
                    "1 to " + LARGEST_TREE + " denials share a signature, not " + statements.size());
        }
        HashFunction hash = key.suite().hash();
        List<ByteString> encoded =
                statements.stream().map(DenialStatement::toByteString).toList();
        MerkleTree tree = new MerkleTree(
                hash, encoded.stream().map(bytes -> leaf(hash, bytes)).toList());
        ByteString signature =
                ByteString.copyFrom(key.sign(Purpose.DENIAL.signedBytes(key.suite(), tree.size(), tree.root())));
        List<Denial> denials = new ArrayList<>(encoded.size());
        for (int i = 0; i < encoded.size(); i++) {
            SignatureProof proof = new SignatureProof(tree.size(), i, ByteString.copyFrom(tree.path(i)), signature);
            denials.add(Denial.newBuilder()
                    .setStatement(encoded.get(i))
                    .setProof(proof.toProto())
                    .build());
        }
        return denials;
    }

    private static byte[] leaf(HashFunction hash, ByteString statement) {
        return MerkleTree.leaf(hash, TAG, statement.toByteArray());
    }

    /**
     * Verifies with the chain of the owner.
     *
     * @param asked what was looked for
     * @param nowMillis UTC epoch milliseconds
     * @throws VerificationException if it does not verify; the type says why
     */
    public void verify(RecordKey asked, TrustedPrefix ownersChain, SignatureVerifier signatures, long nowMillis) {
        PrefixRecord ownerRecord = ownersChain.prefixRecord();
        if (!key.equals(asked)) {
            throw new WrongIdentifierException("asked for " + asked + ", got a denial of " + key);
        }
        if (!owner.equals(ownerRecord.prefix())) {
            throw new WrongOwnerException(
                    "the denial of " + key + " names " + owner + " as owner, the answer " + ownerRecord.prefix());
        }
        if (statement.getOwnerEpoch() != ownerRecord.epoch()) {
            throw new WrongEpochException("the denial of " + key + " is of epoch " + statement.getOwnerEpoch() + " of "
                    + owner + ", which is now in epoch " + ownerRecord.epoch());
        }
        PartyKey signing = signingKey(ownersChain);
        if (signing.isRevoked()) {
            throw new RevokedKeyException(
                    "the denial of " + key + " is signed by the key " + signing.id() + ", which is revoked");
        }
        if (!signing.isActive() || !signing.has(KeyRole.NODE)) {
            throw new WrongRoleException("the denial of " + key + " is signed by the key " + signing.id()
                    + ", which is not active or lacks the role NODE");
        }
        if (!signatures.verifies(
                Purpose.DENIAL, leaf(signing.key().suite().hash(), message.getStatement()), proof, signing.key())) {
            throw new BadSignatureException("the signature of the denial of " + key + " does not verify");
        }
        long issuedAt = statement.getIssuedAt();
        long age = nowMillis - issuedAt;
        if (issuedAt < 0 || age < -Limits.CLOCK_AHEAD_MILLIS) {
            throw new ExpiredRecordException("the denial of " + key + " is of a time to come");
        }
        if (age > 1_000L * Integer.toUnsignedLong(statement.getTtl()) + Limits.CLOCK_AHEAD_MILLIS) {
            throw new ExpiredRecordException("the denial of " + key + " has expired");
        }
    }

    private PartyKey signingKey(TrustedPrefix ownersChain) {
        for (PrefixRecord entitled : mayDeny(ownersChain)) {
            if (entitled.prefix().equals(signer)) {
                return entitled.key(new KeyId(statement.getKeyId()))
                        .orElseThrow(() -> new UnknownKeyException("the denial of " + key + " is signed by the key "
                                + new KeyId(statement.getKeyId()) + ", which is none of " + signer));
            }
        }
        throw new WrongOwnerException(
                "the denial of " + key + " is signed by " + signer + ", which may not deny what is under " + owner);
    }

    /** The prefix records whose NODE keys may deny what is under an owner: from the owner's up to that of the serving prefix. */
    public static List<PrefixRecord> mayDeny(TrustedPrefix ownersChain) {
        List<PrefixRecord> chain = ownersChain.chain();
        List<PrefixRecord> entitled = new ArrayList<>();
        for (int i = chain.size() - 1; i >= 0; i--) {
            entitled.add(chain.get(i));
            if (!chain.get(i).addresses().isEmpty()) {
                break;
            }
        }
        return entitled;
    }

    /** True where a key of that chain might have signed a denial, so that an answer without one is not to be believed. */
    public static boolean isExpected(TrustedPrefix ownersChain) {
        return mayDeny(ownersChain).stream()
                .flatMap(entitled -> entitled.keys().stream())
                .anyMatch(key -> key.isActive() && key.has(KeyRole.NODE));
    }

    /** What there is no record of. */
    public RecordKey key() {
        return key;
    }

    /** The longest registered prefix above it. */
    public Prefix owner() {
        return owner;
    }

    /** The prefix whose key signed. */
    public Prefix signer() {
        return signer;
    }

    /** The registry's sequence number as of which there is none. */
    public long sequence() {
        return statement.getSequence();
    }

    /** UTC epoch milliseconds. */
    public long issuedAt() {
        return statement.getIssuedAt();
    }

    /** How many denials share the signature. */
    public long treeSize() {
        return proof.treeSize();
    }
}
