package org.waymark.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.trust.KeyFile;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;

/** An application that is kept in a file; no node is reached. */
class ApplyCommandTest {

    private static final String CODE = "91430100MAXYWM088M";

    @TempDir
    private Path directory;

    private String err;

    private int apply(String... arguments) {
        List<String> all = new ArrayList<>(List.of("apply"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--server", "127.0.0.1:1", "--timeout", "0.5"));
        StringWriter errText = new StringWriter();
        int code = WaymarkCommand.commandLine()
                .setOut(new PrintWriter(new StringWriter(), true))
                .setErr(new PrintWriter(errText, true))
                .execute(all.toArray(String[]::new));
        err = errText.toString();
        return code;
    }

    private String keep(String prefix) throws IOException {
        Path key = directory.resolve("key.pem");
        KeyFile.writePrivate(key, SigningKey.generate(Suite.ED25519));
        String file = directory.resolve("application").toString();
        int code = apply(
                prefix, "--key", key.toString(), "--name", "Maker", "--code", CODE, "--contact", "Li", "--save", file);
        assertThat(code).as(err).isEqualTo(ExitCode.UNREACHABLE);
        return file;
    }

    @Test
    void anApplicationIsKeptForItsOwnerAlone() throws IOException {
        Path file = Path.of(keep("88.118.9"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aKeptApplicationIsNotSentForSomethingElse() throws IOException {
        String file = keep("88.118.9");
        assertThat(apply("88.118.31", "--save", file)).isEqualTo(ExitCode.USAGE);
        assertThat(err)
                .contains("holds an application with PREFIX vaa:88.118.9")
                .contains("88.118.31");
        assertThat(apply("88.118.9", "--contact", "Wang", "--save", file)).isEqualTo(ExitCode.USAGE);
        assertThat(err).contains("--contact Li");
        assertThat(apply("88.118.9", "--name", "Maker", "--code", CODE, "--save", file))
                .as(err)
                .isEqualTo(ExitCode.UNREACHABLE);
        assertThat(apply("--save", file)).as(err).isEqualTo(ExitCode.UNREACHABLE);
    }
}
