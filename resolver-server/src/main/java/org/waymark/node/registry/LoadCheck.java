package org.waymark.node.registry;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.waymark.Limits;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.LoadedRecord.Position;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDigest;
import org.waymark.trust.VerifyingKey;
import org.waymark.v1.KeyRole;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RefusalReason;

/**
 * Checks records by the rules of {@link Admission} that do not depend on when a record is registered: format, grammar, owner, key,
 * signature, values. Whether it follows the version before it is the writer's to check. Safe for use by many threads.
 */
final class LoadCheck {

    private final LoadedPrefixes prefixes;
    private final TreeSignatures signatures = new TreeSignatures();
    private final Clock clock;

    LoadCheck(LoadedPrefixes prefixes, Clock clock) {
        this.prefixes = prefixes;
        this.clock = clock;
    }

    /** True where these are the bytes of a prefix record. Of what is no record at all it may say anything. */
    static boolean isPrefix(byte[] encoded) {
        // A header starts with its format and its key, a key with its kind: where it does not, the whole record is
        // read.
        int at = 1;
        while (at < encoded.length && encoded[at] < 0) {
            at++;
        }
        at++;
        boolean isUsual = at + 6 < encoded.length
                && encoded[0] == 0x0A
                && encoded[at] == 0x08
                && encoded[at + 2] == 0x12
                && encoded[at + 3] >= 0
                && encoded[at + 4] == 0x08;
        if (isUsual) {
            return encoded[at + 5] == RecordKind.PREFIX_VALUE;
        }
        try {
            return parse(encoded).kind() == RecordKind.PREFIX;
        } catch (InvalidRecordException e) {
            return false;
        }
    }

    private static IdentifierRecord parse(byte[] encoded) {
        return IdentifierRecord.parse(com.google.protobuf.UnsafeByteOperations.unsafeWrap(encoded));
    }

    /**
     * Checks a record.
     *
     * @throws LoadException if it breaks a rule
     */
    LoadedRecord check(byte[] encoded, long place, Position position) throws LoadException {
        try {
            return read(encoded, place, position);
        } catch (InvalidRecordException e) {
            throw new LoadException(position.toString(), e.getMessage());
        } catch (Refusal e) {
            throw new LoadException(
                    position.toString(),
                    e.result().getField() + " " + e.result().getMessage());
        }
    }

    /**
     * Checks a record.
     *
     * @throws InvalidRecordException if it is none
     * @throws Refusal if it breaks a rule
     */
    LoadedRecord read(byte[] encoded, long place, Position position) throws Refusal {
        IdentifierRecord record = parse(encoded);
        VerifyingKey signer =
                record.kind() == RecordKind.PREFIX ? prefixSigner(record, place) : itemSigner(record, place);
        return loaded(record, signer.suite().hash(), place, position);
    }

    /** The quick check of the same rules, for one thread. */
    PlainItemCheck plain() {
        return new PlainItemCheck(prefixes, signatures, clock.millis() + Limits.CLOCK_AHEAD_MILLIS);
    }

    private VerifyingKey prefixSigner(IdentifierRecord record, long place) throws Refusal {
        Admission.checkForm(record);
        Admission.longestOwner(record);
        requireTime(record);
        VerifyingKey signer = prefixes.add(record, place);
        requireValues(record, signer);
        return signer;
    }

    private VerifyingKey itemSigner(IdentifierRecord record, long place) throws Refusal {
        Admission.checkForm(record);
        List<Prefix> owners = Admission.longestOwner(record).map(Prefix::ladder).orElse(List.of());
        requireTime(record);
        Prefix owner = owners.stream()
                .filter(prefix -> prefix.canonical().equals(record.ownerText()))
                .findFirst()
                .orElseThrow(() -> Refusal.unauthorised(
                        RefusalReason.WRONG_OWNER,
                        "header.owner",
                        "is " + record.ownerText() + ", which is no prefix above " + record.key()));
        VerifyingKey signer = prefixes.signer(record, owner, KeyRole.RECORDS, place);
        byte[] root = record.proof()
                .rootOf(signer.suite().hash(), record.headerLeaf(signer.suite().hash()));
        requireSigned(
                signatures.verifies(
                        signer,
                        record.proof().treeSize(),
                        root,
                        record.proof().signature().toByteArray()),
                record,
                signer);
        requireValues(record, signer);
        return signer;
    }

    static void requireSigned(boolean verifies, IdentifierRecord record, VerifyingKey signer) throws Refusal {
        if (!verifies) {
            throw Refusal.unauthorised(
                    RefusalReason.BAD_SIGNATURE,
                    "proof",
                    "of " + record + " does not verify with the key " + signer.id()
                            + ": header, path or signature was changed");
        }
    }

    private static void requireValues(IdentifierRecord record, VerifyingKey signer) throws Refusal {
        if (!record.valuesMatchRoot(signer.suite().hash())) {
            throw Refusal.invalid(
                    RefusalReason.VALUES_MISMATCH,
                    "values",
                    "of " + record + " do not hash to header.values_root; a value was changed");
        }
    }

    private void requireTime(IdentifierRecord record) throws Refusal {
        long ahead = record.issuedAt() - clock.millis();
        if (ahead > Limits.CLOCK_AHEAD_MILLIS) {
            throw Refusal.invalid(
                    RefusalReason.WRONG_TIME,
                    "header.issued_at",
                    "is " + ahead + " ms ahead of this machine's clock; at most " + Limits.CLOCK_AHEAD_MILLIS
                            + " are allowed");
        }
    }

    private static LoadedRecord loaded(IdentifierRecord record, HashFunction hash, long place, Position position) {
        RecordDigest digest = record.digest(hash);
        StoredRecord stored = new StoredRecord(record.key(), record.version(), 0, 0, digest.bytes(), record.encoded());
        return new LoadedRecord(
                place,
                position,
                RocksLayout.currentKey(record.key()),
                record.version(),
                digest.bytes().toByteArray(),
                record.previous()
                        .map(previous -> previous.bytes().toByteArray())
                        .orElse(new byte[0]),
                record.issuedAt(),
                RocksLayout.value(stored));
    }

    /** Records that were read one after the other, to be checked together. */
    record Batch(List<byte[]> encoded, List<Position> positions, long firstPlace) {

        /** Checks those that were not checked yet; null in {@code checked} stands for these. */
        List<LoadedRecord> check(LoadCheck check, List<LoadedRecord> checked) throws LoadException {
            List<LoadedRecord> all = new ArrayList<>(encoded.size());
            PlainItemCheck plain = check.plain();
            for (int i = 0; i < encoded.size(); i++) {
                LoadedRecord known = checked.get(i);
                if (known == null) {
                    long place = firstPlace + i;
                    Position position = positions.get(i);
                    known = plain.check(encoded.get(i), place, position).orElse(null);
                    known = known != null ? known : check.check(encoded.get(i), place, position);
                }
                all.add(known);
            }
            return all;
        }
    }
}
