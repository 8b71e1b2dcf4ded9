package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.trust.Anchor;
import org.waymark.trust.SignatureVerifier;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResult;

/**
 * Admits records to the registry, each by itself, and gives each its result. Safe for use by many threads; blocks until what it
 * admitted is durable, so it does not belong on an event loop.
 */
public final class Registrar {

    /** How often a record is checked because it, or a prefix record above it, changed between its check and its commit. */
    private static final int ATTEMPTS = 5;

    /** Records of a request that is checked at once, however many there are. */
    private static final int SMALL_REQUEST = 16;

    /** So that what is current of them is a few megabytes at most. */
    private static final int LOOKED_UP_AT_ONCE = 128;

    private final Registry registry;
    private final Admission admission;
    private final PrefixCases cases;
    /**
     * Large requests are checked on all processors but one at a time, so that look-ups find one while an import runs. Nobody holds a
     * place while a commit is under way, unless of prefix records, which are committed one by one.
     */
    private final Semaphore checking =
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() - 1));

    /**
     * @param roots the self-signed prefixes that this node was set up with, each with the key that signs it
     */
    public Registrar(Registry registry, PrefixTable prefixes, Set<Anchor> roots, Clock clock) {
        this(registry, prefixes, roots, Homes.ofRoots(roots), clock);
    }

    /**
     * @param roots the self-signed prefixes that this node was set up with, each with the key that signs it
     * @param homes the prefixes that it stands for
     */
    public Registrar(Registry registry, PrefixTable prefixes, Set<Anchor> roots, Homes homes, Clock clock) {
        this.registry = registry;
        this.admission = new Admission(registry, prefixes, roots, homes, new SignatureVerifier(), clock);
        this.cases = new PrefixCases(registry, prefixes, homes, this, clock);
    }

    /**
     * Admits or refuses each record, as if one came after the other.
     *
     * @return one result a record, in order
     * @throws RegistryException if the registry can't take them now; nothing that has no result was acknowledged
     */
    public List<RegisterResult> register(List<ByteString> records) throws InterruptedException {
        RegisterResult[] results = new RegisterResult[records.size()];
        Group group = new Group(results, List.of());
        boolean isLarge = results.length > SMALL_REQUEST;
        if (isLarge) {
            checking.acquire();
        }
        try {
            check(records, group, results);
        } finally {
            if (isLarge) {
                checking.release();
            }
        }
        group.commit();
        return List.of(results);
    }

    /**
     * Admits or refuses one record; if it is admitted, these documents are stored together with it.
     *
     * @throws RegistryException if the registry can't take it now
     */
    RegisterResult register(IdentifierRecord record, List<Document> documents) throws InterruptedException {
        RegisterResult[] result = new RegisterResult[1];
        Group group = new Group(result, documents);
        group.checkAll(List.of(0), List.of(record));
        group.commit();
        return result[0];
    }

    /**
     * Carries out a request about the life cycle of a prefix, as lifecycle.proto specifies.
     *
     * @param source the network that it came from, for limits
     * @throws RegistryException if the registry can't be read, or can't take it now
     */
    public LifeCycleResponse lifeCycle(LifeCycleRequest request, String source) throws InterruptedException {
        return cases.answer(request, source);
    }

    private void check(List<ByteString> records, Group group, RegisterResult[] results) throws InterruptedException {
        List<Integer> places = new ArrayList<>(results.length);
        List<IdentifierRecord> parsed = new ArrayList<>(results.length);
        for (int i = 0; i < results.length; i++) {
            try {
                parsed.add(IdentifierRecord.parse(records.get(i)));
                places.add(i);
            } catch (InvalidRecordException e) {
                RefusalReason reason = e.isOverLimit() ? RefusalReason.LIMIT_EXCEEDED : RefusalReason.MALFORMED_RECORD;
                results[i] = Refusal.invalid(reason, e.field(), e.rule()).result();
            }
        }
        for (int from = 0; from < parsed.size(); from += LOOKED_UP_AT_ONCE) {
            int to = Math.min(parsed.size(), from + LOOKED_UP_AT_ONCE);
            group.checkAll(places.subList(from, to), parsed.subList(from, to));
        }
    }

    /** Records that do not depend on each other: checked one by one, committed together. */
    private final class Group {

        private final RegisterResult[] results;
        private final List<Document> documents;
        private final Set<RecordKey> keys = new HashSet<>();
        private final List<Integer> places = new ArrayList<>();
        private final List<IdentifierRecord> records = new ArrayList<>();
        private final List<Write> writes = new ArrayList<>();
        private final Ladders ladders = admission.ladders();
        /** What was looked up before is to be looked up again. */
        private boolean hasCommitted;

        /**
         * @param documents go with each record
         */
        Group(RegisterResult[] results, List<Document> documents) {
            this.results = results;
            this.documents = documents;
        }

        private boolean mustComeBefore(IdentifierRecord record) {
            return !writes.isEmpty() && (record.kind() == RecordKind.PREFIX || keys.contains(record.key()));
        }

        void checkAll(List<Integer> theirPlaces, List<IdentifierRecord> theirRecords) throws InterruptedException {
            List<Admission.Found> found = admission.find(
                    theirRecords.stream().map(IdentifierRecord::key).toList());
            hasCommitted = false;
            for (int i = 0; i < theirRecords.size(); i++) {
                if (mustComeBefore(theirRecords.get(i))) {
                    commit();
                }
                check(theirPlaces.get(i), theirRecords.get(i), found.get(i));
            }
        }

        private void check(int place, IdentifierRecord record, Admission.Found before) throws InterruptedException {
            admit(place, record, hasCommitted ? find(record) : before);
            if (record.kind() == RecordKind.PREFIX) {
                commit();
            }
        }

        private Admission.Found find(IdentifierRecord record) {
            return admission.find(List.of(record.key())).get(0);
        }

        private void admit(int place, IdentifierRecord record, Admission.Found found) {
            Admission.Verdict verdict;
            try {
                verdict = admission.check(record, found, ladders);
            } catch (Refusal e) {
                results[place] = e.result();
                return;
            }
            if (verdict instanceof Admission.Verdict.Admitted admitted) {
                keys.add(record.key());
                places.add(place);
                records.add(record);
                Write write = admitted.write();
                writes.add(documents.isEmpty() ? write : write.withDocuments(documents));
            } else if (verdict instanceof Admission.Verdict.AlreadyStored stored) {
                results[place] = unchanged(stored.currentVersion());
            }
        }

        void commit() throws InterruptedException {
            for (int attempt = 1; !writes.isEmpty(); attempt++) {
                hasCommitted = true;
                List<CommitResult> outcomes = commitDurably(writes);
                List<IdentifierRecord> again = new ArrayList<>();
                List<Integer> againPlaces = new ArrayList<>();
                for (int i = 0; i < outcomes.size(); i++) {
                    int place = places.get(i);
                    if (outcomes.get(i) instanceof CommitResult.Committed committed) {
                        results[place] = stored(writes.get(i), committed);
                    } else if (attempt < ATTEMPTS) {
                        again.add(records.get(i));
                        againPlaces.add(place);
                    } else {
                        results[place] = retry();
                    }
                }
                clear();
                for (int i = 0; i < again.size(); i++) {
                    admit(againPlaces.get(i), again.get(i), find(again.get(i)));
                }
            }
        }

        private void clear() {
            keys.clear();
            places.clear();
            records.clear();
            writes.clear();
            ladders.clear();
        }
    }

    private List<CommitResult> commitDurably(List<Write> writes) throws InterruptedException {
        try {
            return registry.commit(List.copyOf(writes)).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RegistryException cause) {
                throw cause;
            }
            throw new RegistryException("the commit failed", e.getCause());
        }
    }

    private static RegisterResult stored(Write write, CommitResult.Committed committed) {
        return RegisterResult.newBuilder()
                .setCode(write.version() == 1 ? RegisterResult.Code.CREATED : RegisterResult.Code.UPDATED)
                .setSequence(committed.sequence())
                .build();
    }

    private static RegisterResult retry() {
        return RegisterResult.newBuilder()
                .setCode(RegisterResult.Code.RETRY)
                .setMessage("other records changed again and again while this one was checked; send it again")
                .build();
    }

    private static RegisterResult unchanged(long currentVersion) {
        return RegisterResult.newBuilder()
                .setCode(RegisterResult.Code.UNCHANGED)
                .setCurrentVersion(currentVersion)
                .build();
    }
}
