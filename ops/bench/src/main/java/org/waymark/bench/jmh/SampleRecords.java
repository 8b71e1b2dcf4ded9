package org.waymark.bench.jmh;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.waymark.bench.data.Parties;
import org.waymark.bench.data.Parts;
import org.waymark.bench.data.SampleRow;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.VerifyingKey;

/** Signed records in the shape of one sample, with the key that verifies them. */
record SampleRecords(List<IdentifierRecord> records, VerifyingKey key) {

    private static final SampleRow SHAPE = new SampleRow(Prefix.parse("88.118.8"), "JXDY2106023", values());

    private static Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("name", "轴向柱塞变量泵");
        values.put("name_en", "Variable axial piston pump");
        values.put("model", "SPV140");
        values.put("serial", "ZB24010007");
        values.put("batch", "240108-2");
        values.put("maker", "长沙示例液压件有限公司");
        values.put("date", "2024-01-08");
        values.put("rated_power_kw", "172");
        values.put("rated_pressure_mpa", "35");
        values.put("rated_speed_r_min", "2100");
        values.put("main_parameter", "排量 140 mL/r");
        values.put("mass_kg", "86");
        values.put("standard", "JB/T 7043");
        values.put("inspection_report", "https://trace.example.com/machinery/inspections/2024/IR-JXDY2106023.pdf");
        return values;
    }

    /** So many records, in trees of {@value RecordSigner#USUAL_TREE}. */
    static SampleRecords sign(int count) {
        Parties parties = new Parties(List.of(SHAPE));
        List<IdentifierRecord> records = new Parts(List.of(SHAPE), parties).next(count, RecordSigner.USUAL_TREE);
        PrefixRecord owner = PrefixRecord.of(parties.prefixRecords().get(1));
        return new SampleRecords(records, owner.keys().iterator().next().key());
    }
}
