package org.waymark.bench.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.identifier.Prefix;

class ImportFileTest {

    @TempDir
    private Path directory;

    private static SampleRow row(String suffix, String... values) {
        Map<String, String> byType = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i += 2) {
            byType.put(values[i], values[i + 1]);
        }
        return new SampleRow(Prefix.parse("88.118.8"), suffix, byType);
    }

    @Test
    void eachRowHasItsNumberAndTheColumnsOfAllShapes() throws Exception {
        Path file = directory.resolve("rows.csv");
        List<SampleRow> shapes = List.of(
                row("JXDY2106023", "model", "SPV140", "report", "R-JXDY2106023"), row("AB", "mass", "1, about"));

        ImportFile.write(file, shapes, 7, 2);

        assertThat(Files.readString(file)).isEqualTo("""
                        identifier,model,report,mass
                        88.118.8/AB000000007,,,"1, about"
                        88.118.8/JXDY21000000008,SPV140,R-JXDY21000000008,
                        """);
    }
}
