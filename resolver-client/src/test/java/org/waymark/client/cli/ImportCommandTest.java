package org.waymark.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.waymark.client.FakeNode;
import org.waymark.client.TestParty;
import org.waymark.identifier.Identifier;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.KeyFile;
import org.waymark.v1.RecordKind;
import picocli.CommandLine;

class ImportCommandTest {

    private static final String CSV = """
            identifier,name,model
            88.118.8/a,"pump, axial",SPV140
            88.118.8/b,泵,
            """;

    @TempDir
    private Path directory;

    private final FakeNode node = new FakeNode();
    private final TestParty root = TestParty.of("88");
    private final TestParty enterprise = TestParty.of("88.118.8");
    private String out;
    private String err;

    @BeforeEach
    void fill() throws IOException {
        KeyFile.writePrivate(directory.resolve("enterprise"), enterprise.key());
        node.hold(root.root(), root.delegate(enterprise));
    }

    @AfterEach
    void close() {
        node.close();
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    private int run(Path file, String... more) {
        List<String> arguments = new ArrayList<>(List.of("import", file.toString(), "--prefix", "88.118.8"));
        arguments.addAll(List.of("--signer", directory.resolve("enterprise").toString()));
        arguments.addAll(List.of("--server", "127.0.0.1:" + node.port()));
        arguments.addAll(List.of(more));
        StringWriter outText = new StringWriter();
        StringWriter errText = new StringWriter();
        CommandLine command = WaymarkCommand.commandLine();
        int code = command.setOut(new PrintWriter(outText, true))
                .setErr(new PrintWriter(errText, true))
                .execute(arguments.toArray(String[]::new));
        out = outText.toString();
        err = errText.toString();
        return code;
    }

    private List<IdentifierRecord> versions(String identifier) {
        Identifier parsed = Identifier.parse(identifier);
        return node.versions(RecordKey.of(RecordKind.ITEM, parsed.scheme(), parsed.canonical()));
    }

    private List<String> values(String identifier) {
        return versions(identifier).get(0).values().stream()
                .map(value -> value.index() + " " + value.type() + "="
                        + value.data().toStringUtf8() + (value.readers().isEmpty() ? "" : " " + value.readers()))
                .toList();
    }

    @Test
    void theHeaderNamesTheValues() throws IOException {
        assertThat(run(write("items.csv", CSV))).as(() -> err).isZero();

        assertThat(out).startsWith("CREATED 2, UPDATED 0, UNCHANGED 0, refused 0; ");
        assertThat(values("88.118.8/a")).containsExactly("2000 name=pump, axial", "2001 model=SPV140");
        assertThat(values("88.118.8/b")).containsExactly("2000 name=泵");
        assertThat(directory.resolve("items.csv.waymark-journal")).doesNotExist();
        assertThat(directory.resolve("items.csv.waymark-errors")).doesNotExist();
    }

    @Test
    void anImportOfWhatIsThereChangesNothing() throws IOException {
        Path file = write("items.csv", CSV);
        run(file);

        assertThat(run(file)).isZero();

        assertThat(out).startsWith("CREATED 0, UPDATED 0, UNCHANGED 2, refused 0; ");
        assertThat(versions("88.118.8/a")).hasSize(1);
    }

    @Test
    void aCompressedFileWithAByteOrderMarkAndWindowsLineEndsIsReadAsItIs() throws IOException {
        Path file = directory.resolve("items.csv.gz");
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
            gzip.write(("\uFEFF" + CSV.replace("\n", "\r\n")).getBytes(StandardCharsets.UTF_8));
        }

        assertThat(run(file)).as(() -> err).isZero();

        assertThat(values("88.118.8/a")).containsExactly("2000 name=pump, axial", "2001 model=SPV140");
    }

    @Test
    void jsonLinesAreImported() throws IOException {
        Path file = write("items.jsonl", """
                {"identifier": "88.118.8/a", "mass": 1.50, "name": "泵"}

                {"name": null, "identifier": "88.118.8/b", "mass": 2}
                """);

        assertThat(run(file, "--ttl", "60")).as(() -> err).isZero();

        assertThat(values("88.118.8/a")).containsExactly("2000 mass=1.50", "2001 name=泵");
        assertThat(values("88.118.8/b")).containsExactly("2000 mass=2");
        assertThat(versions("88.118.8/a").get(0).ttlSeconds()).isEqualTo(60);
    }

    @Test
    void aMappingMakesTheIdentifierAndNamesTheValues() throws IOException {
        Path map = write("map.yaml", """
                identifier: "88.118.8/{line}-{serial}"
                columns:
                  label:  {type: name, index: 2001}
                  cost:   {restrict: [88.118.900]}
                  remark: {skip: true}
                """);
        Path file = write("parts.csv", "serial,line,label,cost,remark,colour\n007,L1,pump,17,x,red\n");

        assertThat(run(file, "--map", map.toString())).as(() -> err).isZero();

        assertThat(values("88.118.8/L1-007"))
                .containsExactly("2000 cost=17 [88.118.900]", "2001 name=pump", "2002 colour=red");
    }

    @Test
    void aMappingCanLeaveOutWhatItDoesNotName() throws IOException {
        Path map = write(
                "map.json", "{\"identifier\": \"id\", \"others\": false, \"columns\": {\"name\": {\"index\": 1}}}");
        Path file = write("parts.csv", "id,name,internal\n88.118.8/a,pump,x\n");

        assertThat(run(file, "--map", map.toString())).as(() -> err).isZero();

        assertThat(values("88.118.8/a")).containsExactly("1 name=pump");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    columns: {a: {index: 0}}                           | columns.a.index: must be 1 to 4294967295, not 0
                    columns: {a: {index: 7}, b: {index: 7}}            | columns.b.index: 7 is another column's already
                    columns: {a: {restrict: ['x y']}}                  | columns.a.restrict: invalid identifier
                    columns: {a: {restrict: []}}                       | columns.a.restrict: must name at least one prefix
                    columns: {a: {colour: red}}                        | line 1: Unrecognized field "colour"
                    identifier: '88.118.8/{'                           | identifier: must be a column's name
                    """)
    void aMappingThatCannotBeIsRefused(String mapping, String message) throws IOException {
        Path map = write("map.yaml", mapping);

        assertThat(run(write("items.csv", CSV), "--map", map.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err).hasLineCount(1).contains("map.yaml").contains(message);
    }

    @Test
    void aColumnThatTheMappingNamesMustBeThere() throws IOException {
        Path map = write("map.yaml", "columns: {weight: {type: mass}}");

        assertThat(run(write("items.csv", CSV), "--map", map.toString())).isEqualTo(ExitCode.LOCAL_FILE);
        assertThat(err).contains("has no column \"weight\"; its columns are [identifier, name, model]");
    }

    private static final String FAULTY = """
            identifier,name,model
            88.118.8/a,pump,x
            88.118..8/b,pump,x
            ,pump,x
            88.118.8/c,"two
            lines",x,more
            88.118.9/d,pump,x
            88.118.8/e,"quoted"badly,x
            88.118.8/f,%s,x
            """.formatted("y".repeat(61 * 1024));

    @Test
    void aDryRunNamesEveryFaultAndSendsNothing() throws IOException {
        Path errors = directory.resolve("errors");

        assertThat(run(write("items.csv", FAULTY), "--dry-run", "--errors", errors.toString()))
                .isEqualTo(ExitCode.REFUSED);

        assertThat(out).isEqualToNormalizingNewlines("checked 7, at fault 6\n");
        assertThat(err.lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("line 3: column \"identifier\": invalid identifier"),
                        line -> assertThat(line).isEqualTo("line 4: has no identifier"),
                        line -> assertThat(line).isEqualTo("line 5: has 4 fields; the header names 3"),
                        line -> assertThat(line)
                                .isEqualTo("line 7: column \"identifier\": 88.118.9/d is not under vaa:88.118.8"),
                        line -> assertThat(line).startsWith("line 8: is not CSV: "),
                        line -> assertThat(line).startsWith("line 9: column \"name\": data has 62464 bytes; at most"));
        assertThat(versions("88.118.8/a")).isEmpty();
        JsonNode kept = new ObjectMapper().readTree(Files.readAllLines(errors).get(2));
        assertThat(kept.get("line").asLong()).isEqualTo(5);
        assertThat(kept.get("row").asText()).isEqualTo("88.118.8/c,\"two\nlines\",x,more");
    }

    @Test
    void aDryRunEndsAfterSoManyFaults() throws IOException {
        assertThat(run(write("items.csv", FAULTY), "--dry-run", "--max-errors", "2"))
                .isEqualTo(ExitCode.REFUSED);

        assertThat(err).hasLineCount(2);
        assertThat(out).contains("checked 3, at fault 2; ended there");
    }

    @Test
    void aDryRunWithoutFaultExitsWithZero() throws IOException {
        assertThat(run(write("items.csv", CSV), "--dry-run")).isZero();

        assertThat(out).isEqualToNormalizingNewlines("checked 2, at fault 0\n");
        assertThat(versions("88.118.8/a")).isEmpty();
    }

    @Test
    void rejectedRowsAreKeptAsTheyWere() throws IOException {
        assertThat(run(write("items.csv", FAULTY))).isEqualTo(ExitCode.REFUSED);

        assertThat(out).contains("CREATED 1, UPDATED 0, UNCHANGED 0, refused 6 (see ");
        List<String> kept = Files.readAllLines(directory.resolve("items.csv.waymark-errors"));
        assertThat(kept).hasSize(6);
        assertThat(new ObjectMapper().readTree(kept.get(0)).get("row").asText()).isEqualTo("88.118..8/b,pump,x");
    }

    @Test
    void rowsThatAreNoUtf8OrTooLongAreFaultsOfTheirOwn() throws IOException {
        Path file = directory.resolve("items.jsonl");
        try (OutputStream stream = Files.newOutputStream(file)) {
            stream.write("{\"identifier\":\"88.118.8/x\",\"name\":\"".getBytes(StandardCharsets.UTF_8));
            stream.write(new byte[] {(byte) 0xC3, '"', '}', '\n'});
            stream.write(("{\"name\":\"" + "y".repeat(RowReader.ROW_BYTES) + "\"}\n").getBytes(StandardCharsets.UTF_8));
            stream.write(
                    "{\"identifier\":\"88.118.8/a\",\"identifier\":\"88.118.8/b\"}\n".getBytes(StandardCharsets.UTF_8));
            stream.write("{\"identifier\":\"88.118.8/a\",\"name\":\"\\ud800\"}\n".getBytes(StandardCharsets.UTF_8));
            stream.write("{\"identifier\":\"88.118.8/a\"} {}\n".getBytes(StandardCharsets.UTF_8));
        }

        assertThat(run(file, "--dry-run")).isEqualTo(ExitCode.REFUSED);

        assertThat(err.lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("line 1: is not UTF-8"),
                        line -> assertThat(line).startsWith("line 2: is longer than 1048576 bytes"),
                        line -> assertThat(line).startsWith("line 3: is not JSON: "),
                        line -> assertThat(line).startsWith("line 4: column \"name\": must be well-formed Unicode"),
                        line -> assertThat(line).startsWith("line 5: is not JSON: "));
    }

    @Test
    void aQuotationWithoutEndStopsWhatCannotBeToldApart() throws IOException {
        assertThat(run(write("items.csv", CSV + "88.118.8/c,\"open\n"), "--dry-run"))
                .isEqualTo(ExitCode.LOCAL_FILE);
        assertThat(err).contains("line 4 is not CSV: a quotation begins that does not end");
    }

    @Test
    void anInterruptedImportGoesOnWithResumeOnly() throws IOException {
        Path file = write("items.csv", CSV);
        node.failRegistrations(1, true, true);
        assertThat(run(file)).isEqualTo(ExitCode.UNREACHABLE);
        node.behave();

        assertThat(run(file)).isEqualTo(ExitCode.USAGE);
        assertThat(err)
                .hasLineCount(1)
                .contains("resume that one, or delete the file to begin anew (--resume resumes it)");

        assertThat(run(file, "--resume")).as(() -> err).isZero();
        assertThat(out).startsWith("CREATED 0, UPDATED 0, UNCHANGED 2, refused 0; ");
        assertThat(versions("88.118.8/a")).hasSize(1);
    }

    @Test
    void aFileThatChangedIsNotResumed() throws IOException {
        Path file = write("items.csv", CSV);
        node.failRegistrations(1, true, true);
        run(file);
        write("items.csv", CSV + "88.118.8/c,pump,\n");

        assertThat(run(file, "--resume")).isEqualTo(ExitCode.USAGE);
        assertThat(err).hasLineCount(1).contains("the file changed since it was begun");
    }
}
