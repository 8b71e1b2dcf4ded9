package org.waymark.bench.data;

import java.util.List;
import java.util.Map;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;

/** A few signed records with the table of their keys. */
public record SampleKeys(List<IdentifierRecord> records, KeyTable table) {

    private static final SampleRow SHAPE =
            new SampleRow(Prefix.parse("88.118.8"), "JXDY2106023", Map.of("model", "SPV140"));

    public static SampleKeys make(int count) {
        List<IdentifierRecord> records = new Parts(List.of(SHAPE), new Parties(List.of(SHAPE))).next(count, 64);
        KeyTable table = new KeyTable(count);
        records.forEach(record -> table.add(record.encoded().toByteArray()));
        return new SampleKeys(records, table);
    }

    public byte[] record(int key) {
        return records.get(key).encoded().toByteArray();
    }
}
