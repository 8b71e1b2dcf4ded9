package org.waymark.bench.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.waymark.record.IdentifierRecord;

class PartsTest {

    @Test
    void recordsAreOfSampleSizeEachWithItsOwnIdentifier() throws Exception {
        List<SampleRow> shapes = SampleRow.read(Path.of("../samples"));
        List<IdentifierRecord> records = new Parts(shapes, new Parties(shapes)).next(600, 64);

        assertThat(records).extracting(IdentifierRecord::key).doesNotHaveDuplicates();
        assertThat(records).extracting(record -> record.encoded().size()).allMatch(size -> size > 600 && size < 1_500);
        assertThat(records).extracting(IdentifierRecord::ownerText).contains("88.118.8", "88.118.21", "88.118.35");
    }
}
