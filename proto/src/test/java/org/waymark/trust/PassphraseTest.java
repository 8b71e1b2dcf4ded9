package org.waymark.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassphraseTest {

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("passphrase");
    }

    private void write(String text, String permissions) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void aFileGivesItsFirstLine() throws IOException {
        write("正确的 horse\r\nbattery", "rw-------");

        assertThat(Passphrase.ofFile(file).read("key")).isEqualTo("正确的 horse".toCharArray());
    }

    @Test
    void aFileThatOthersMayOpenIsRefused() throws IOException {
        write("secret word", "rw-r-----");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Passphrase.ofFile(file).read("key"))
                .withMessageContaining("a passphrase needs: chmod 600 " + file)
                .withMessageNotContaining("secret");
    }

    @Test
    void aLargeFileIsNoPassphrase() throws IOException {
        write("x".repeat(Passphrase.MAX_FILE_BYTES + 1), "rw-------");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Passphrase.ofFile(file).read("key"))
                .withMessageContaining("4096 bytes");
    }

    @Test
    void aFileThatIsNotUtf8IsRefused() throws IOException {
        Files.write(file, new byte[] {(byte) 0xff, 'a'});
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Passphrase.ofFile(file).read("key"))
                .withMessage(file + " is not UTF-8");
    }

    @Test
    void aFileComesBeforeTheEnvironment() throws IOException {
        write("of the file", "r--------");
        Map<String, String> environment = Map.of(Passphrase.VARIABLE, "of the environment");

        assertThat(Passphrase.of(Optional.of(file), environment, null).read("key"))
                .isEqualTo("of the file".toCharArray());
        assertThat(Passphrase.of(Optional.empty(), environment, null).read("key"))
                .isEqualTo("of the environment".toCharArray());
    }

    @Test
    void whereNobodyCanBeAskedTheKeyAndTheWaysAreNamed() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(
                        () -> Passphrase.of(Optional.empty(), Map.of(), null).read("maker.pem"))
                .withMessageContaining("maker.pem needs a passphrase")
                .withMessageContaining(Passphrase.VARIABLE);
    }
}
