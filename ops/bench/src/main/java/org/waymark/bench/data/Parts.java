package org.waymark.bench.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;

/** Makes signed records of parts, each with a number of its own, in the shapes of the samples. Not safe for use by many threads. */
public final class Parts {

    private final List<SampleRow> shapes;
    private final Parties parties;
    private long made;

    public Parts(List<SampleRow> shapes, Parties parties) {
        this(shapes, parties, 0);
    }

    /**
     * @param from the number of the first part
     */
    public Parts(List<SampleRow> shapes, Parties parties, long from) {
        this.shapes = shapes;
        this.parties = parties;
        this.made = from;
    }

    /**
     * The next records.
     *
     * @param treeSize how many records share a signature
     */
    public List<IdentifierRecord> next(int count, int treeSize) {
        Map<Prefix, List<RecordDraft>> byOwner = new HashMap<>();
        for (int i = 0; i < count; i++) {
            long number = made++;
            SampleRow shape = shapes.get((int) (number % shapes.size()));
            byOwner.computeIfAbsent(shape.owner(), owner -> new ArrayList<>()).add(shape.draft(number));
        }
        List<IdentifierRecord> records = new ArrayList<>(count);
        byOwner.forEach((owner, drafts) -> records.addAll(parties.signer(owner).signAll(drafts, treeSize)));
        return records;
    }
}
