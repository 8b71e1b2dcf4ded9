package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.waymark.node.registry.CommitResult.Committed;
import org.waymark.node.registry.CommitResult.ConditionFailed;
import org.waymark.node.registry.CommitResult.Conflict;
import org.waymark.record.RecordKey;

/** What a registry has to hold after a row of commits, in the plainest way. */
final class RegistryModel {

    private final Map<RecordKey, List<Write>> versions = new HashMap<>();
    private final List<Change> changes = new ArrayList<>();

    List<Write> versions(RecordKey key) {
        return versions.getOrDefault(key, List.of());
    }

    List<Change> changes() {
        return changes;
    }

    /** Does what the registry has to do, and says whether its result is right. */
    boolean agrees(Write write, CommitResult result) {
        CommitResult refusal = refusal(write);
        if (refusal != null) {
            return refusal.equals(result);
        }
        versions.computeIfAbsent(write.key(), key -> new ArrayList<>()).add(write);
        changes.add(new Change(changes.size() + 1, write.key(), write.version()));
        return result instanceof Committed committed && committed.sequence() == changes.size();
    }

    private CommitResult refusal(Write write) {
        List<Write> before = versions(write.key());
        ByteString digest = before.isEmpty()
                ? ByteString.EMPTY
                : before.get(before.size() - 1).digest();
        if (before.size() != write.expectedVersion() || !digest.equals(write.expectedDigest())) {
            return new Conflict(before.size(), digest);
        }
        return write.conditions().stream()
                .filter(condition -> versions(condition.key()).size() != condition.version())
                .findFirst()
                .map(condition -> new ConditionFailed(condition.key()))
                .orElse(null);
    }
}
