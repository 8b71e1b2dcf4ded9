package org.waymark.node.registry;

import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.LoadedRecord.Position;
import org.waymark.record.HashFunction;
import org.waymark.trust.KeyId;
import org.waymark.trust.VerifyingKey;
import org.waymark.v1.KeyRole;
import org.waymark.v1.RecordKind;

/**
 * Verifies plain items in place, without an object for each of their parts. It only ever says yes: of everything else the whole check
 * says what is wrong with it, if anything is. Not safe for use by many threads.
 */
final class PlainItemCheck {

    private static final byte[] HEADER_TAG = "\0waymark/header/v1\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VALUE_TAG = "\0waymark/value/v1\0".getBytes(StandardCharsets.US_ASCII);
    private static final int DIGEST = Limits.DIGEST_BYTES;
    private static final int NODE_BYTES = 1 + 2 * DIGEST;

    private final LoadedPrefixes prefixes;
    private final TreeSignatures signatures;
    private final long latest;
    private final PlainItem item = new PlainItem();
    private final MessageDigest sha256;
    private final byte[] leafText = new byte[HEADER_TAG.length + Limits.VALUE_DATA_BYTES + Limits.HEADER_BYTES];
    private final byte[] node = new byte[NODE_BYTES];
    private final byte[] level = new byte[Limits.VALUES * DIGEST];
    private final byte[] headerDigest = new byte[DIGEST];

    private byte[] ownerText = new byte[0];
    private Prefix owner;
    private byte[] signerId = new byte[0];
    private VerifyingKey signer;

    /**
     * @param latest the latest time at which a record may say that it was issued
     */
    PlainItemCheck(LoadedPrefixes prefixes, TreeSignatures signatures, long latest) {
        this.prefixes = prefixes;
        this.signatures = signatures;
        this.latest = latest;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The record, if it is a plain item that keeps all rules. */
    Optional<LoadedRecord> check(byte[] encoded, long place, Position position) {
        try {
            return item.read(encoded)
                            && item.issuedAt <= latest
                            && hasSigner(place)
                            && isCanonical()
                            && isSigned()
                            && valuesMatch()
                    ? Optional.of(loaded(place, position))
                    : Optional.empty();
        } catch (InvalidIdentifierException e) {
            return Optional.empty();
        } catch (DigestException e) {
            throw new IllegalStateException("the buffers have room", e);
        }
    }

    /** Mostly that of the record before. */
    private boolean hasSigner(long place) {
        byte[] bytes = item.bytes;
        boolean isSameOwner = owner != null
                && owner.scheme() == item.scheme
                && Arrays.equals(bytes, item.ownerFrom, item.ownerTo, ownerText, 0, ownerText.length);
        if (isSameOwner
                && Arrays.equals(bytes, item.keyIdFrom, item.keyIdFrom + DIGEST, signerId, 0, signerId.length)) {
            return true;
        }
        ownerText = Arrays.copyOfRange(bytes, item.ownerFrom, item.ownerTo);
        owner = Prefix.of(item.scheme, new String(ownerText, StandardCharsets.US_ASCII));
        signerId = Arrays.copyOfRange(bytes, item.keyIdFrom, item.keyIdFrom + DIGEST);
        signer = prefixes.find(
                        owner, new KeyId(com.google.protobuf.ByteString.copyFrom(signerId)), KeyRole.RECORDS, place)
                .filter(key -> key.suite().hash() == HashFunction.SHA_256)
                .orElse(null);
        if (signer == null) {
            owner = null;
        }
        return signer != null;
    }

    private boolean isCanonical() {
        String text = new String(item.bytes, item.textFrom, item.textTo - item.textFrom, StandardCharsets.US_ASCII);
        Identifier identifier = Identifier.parse(item.scheme, text);
        return identifier.canonical().equals(text)
                && owner.covers(identifier)
                && ownerText.length == owner.canonical().length();
    }

    private boolean isSigned() throws DigestException {
        leaf(HEADER_TAG, item.headerFrom, item.headerTo, headerDigest, 0);
        byte[] root = headerDigest.clone();
        long place = item.leaf;
        long last = item.treeSize - 1;
        for (int at = item.pathFrom; at < item.pathTo; at += DIGEST) {
            if (last == 0) {
                return false;
            }
            if ((place & 1) == 1 || place == last) {
                parent(item.bytes, at, root, 0, root, 0);
                while ((place & 1) == 0 && place != 0) {
                    place >>= 1;
                    last >>= 1;
                }
            } else {
                parent(root, 0, item.bytes, at, root, 0);
            }
            place >>= 1;
            last >>= 1;
        }
        return last == 0
                && signatures.verifies(
                        signer,
                        item.treeSize,
                        root,
                        Arrays.copyOfRange(
                                item.bytes, item.signatureFrom, item.signatureFrom + Limits.SIGNATURE_BYTES));
    }

    private boolean valuesMatch() throws DigestException {
        int nodes = item.values;
        for (int i = 0; i < nodes; i++) {
            leaf(VALUE_TAG, item.valueFrom[i], item.valueTo[i], level, i * DIGEST);
        }
        if (nodes == 0) {
            sha256.digest(level, 0, DIGEST);
        }
        while (nodes > 1) {
            for (int i = 0; i < nodes / 2; i++) {
                parent(level, 2 * i * DIGEST, level, (2 * i + 1) * DIGEST, level, i * DIGEST);
            }
            if (nodes % 2 == 1) {
                System.arraycopy(level, (nodes - 1) * DIGEST, level, nodes / 2 * DIGEST, DIGEST);
            }
            nodes = (nodes + 1) / 2;
        }
        return Arrays.equals(item.bytes, item.valuesRootFrom, item.valuesRootFrom + DIGEST, level, 0, DIGEST);
    }

    private void leaf(byte[] tag, int from, int to, byte[] out, int offset) throws DigestException {
        System.arraycopy(tag, 0, leafText, 0, tag.length);
        System.arraycopy(item.bytes, from, leafText, tag.length, to - from);
        sha256.update(leafText, 0, tag.length + to - from);
        sha256.digest(out, offset, DIGEST);
    }

    private void parent(byte[] left, int leftAt, byte[] right, int rightAt, byte[] out, int offset)
            throws DigestException {
        node[0] = 1;
        System.arraycopy(left, leftAt, node, 1, DIGEST);
        System.arraycopy(right, rightAt, node, 1 + DIGEST, DIGEST);
        sha256.update(node, 0, NODE_BYTES);
        sha256.digest(out, offset, DIGEST);
    }

    private LoadedRecord loaded(long place, Position position) {
        byte[] digest = new byte[1 + DIGEST];
        digest[0] = (byte) HashFunction.SHA_256.code();
        System.arraycopy(headerDigest, 0, digest, 1, DIGEST);
        return new LoadedRecord(
                place,
                position,
                RocksLayout.currentKey(RecordKind.ITEM, item.scheme, item.bytes, item.textFrom, item.textTo),
                item.version,
                digest,
                Arrays.copyOfRange(item.bytes, item.previousFrom, item.previousTo),
                item.issuedAt,
                RocksLayout.value(item.version, digest, item.bytes));
    }
}
