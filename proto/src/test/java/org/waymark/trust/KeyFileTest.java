package org.waymark.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFileTest {

    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----\n";
    private static final String END = "\n-----END PRIVATE KEY-----\n";

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("key.pem");
    }

    private static void requirePosix(Path path) {
        assumeTrue(path.getFileSystem().supportedFileAttributeViews().contains("posix"), "needs POSIX permissions");
    }

    @ParameterizedTest
    @EnumSource
    void aPrivateKeyIsReadAsItWasWritten(Suite suite) throws IOException {
        SigningKey key = SigningKey.generate(suite);
        KeyFile.writePrivate(file, key);

        assertThat(KeyFile.readPrivate(file).encoded()).isEqualTo(key.encoded());
        assertThat(Files.readAllLines(file))
                .startsWith("-----BEGIN PRIVATE KEY-----")
                .allMatch(line -> line.length() <= 64);
    }

    @ParameterizedTest
    @EnumSource
    void aPublicKeyIsReadAsItWasWritten(Suite suite) throws IOException {
        VerifyingKey key = SigningKey.generate(suite).verifyingKey();
        KeyFile.writePublic(file, key);

        assertThat(KeyFile.readPublic(file)).isEqualTo(key);
        assertThat(Files.readString(file)).isEqualTo(KeyFile.publicPem(key)).startsWith("-----BEGIN PUBLIC KEY-----\n");
    }

    @Test
    void aPrivateKeyIsWrittenForItsOwnerAlone() throws IOException {
        requirePosix(file);
        KeyFile.writePrivate(file, SigningKey.generate(Suite.ED25519));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw--w----", "rw----r--", "rw-----w-", "rwx--x---", "rw-rw-rw-"})
    void aPrivateKeyThatOthersMayOpenIsRefused(String permissions) throws IOException {
        requirePosix(file);
        KeyFile.writePrivate(file, SigningKey.generate(Suite.ED25519));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> KeyFile.readPrivate(file))
                .withMessageContaining("chmod 600 " + file)
                .withMessageContaining(permissions);
    }

    @Test
    void aPrivateKeyThatItsOwnerMayOnlyReadIsFine() throws IOException {
        requirePosix(file);
        SigningKey key = SigningKey.generate(Suite.SM2);
        KeyFile.writePrivate(file, key);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));

        assertThat(KeyFile.readPrivate(file).id()).isEqualTo(key.id());
    }

    @Test
    void aFileIsNeverOverwritten() throws IOException {
        Files.writeString(file, "precious");
        SigningKey key = SigningKey.generate(Suite.ED25519);

        assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> KeyFile.writePrivate(file, key));
        assertThatExceptionOfType(FileAlreadyExistsException.class)
                .isThrownBy(() -> KeyFile.writePublic(file, key.verifyingKey()));
        assertThat(Files.readString(file)).isEqualTo("precious");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> KeyFile.readPrivate(file))
                .withMessageContaining(file.toString());
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> KeyFile.readPublic(file));
    }

    @Test
    void aPublicKeyIsNoPrivateKey() throws IOException {
        write(KeyFile.publicPem(SigningKey.generate(Suite.ED25519).verifyingKey())
                .getBytes(StandardCharsets.US_ASCII));

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> KeyFile.readPrivate(file))
                .withMessage(file + " does not hold a PEM block \"PRIVATE KEY\", but \"PUBLIC KEY\"");
    }

    @Test
    void aLargeFileIsNoKey() throws IOException {
        write(new byte[16 * 1_024 + 1]);

        assertUnreadable();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "not PEM at all",
                BEGIN,
                "-----BEGIN ",
                "-----BEGIN -----\n-----END -----\n",
                BEGIN + END,
                BEGIN + "AAAA",
                BEGIN + "AAAA" + "\n-----END PUBLIC KEY-----\n",
                BEGIN + "!!!!" + END,
                BEGIN + "AAA" + END,
                BEGIN + "A=AA" + END,
                BEGIN + "Proc-Type: 4,ENCRYPTED\n\nAAAA" + END,
                BEGIN + ":" + END,
                BEGIN + "AAAA" + END,
                BEGIN + "MAA=" + END,
                BEGIN + "\u4e2d\u6587" + END
            })
    void aGarbageFileIsRefusedByName(String text) throws IOException {
        write(text.getBytes(StandardCharsets.UTF_8));

        assertUnreadable();
    }

    @Property(tries = 300)
    void aRandomBodyIsRefused(
            @ForAll @AlphaChars @Chars({'\n', '=', ':', '-', ' ', '/'}) @StringLength(max = 80) String body)
            throws IOException {
        Path random = Files.createTempFile("waymark", ".pem");
        try {
            Files.writeString(random, BEGIN + body + END);
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> KeyFile.readPrivate(random));
            Files.writeString(random, BEGIN + Base64.getEncoder().encodeToString(body.getBytes()) + END);
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> KeyFile.readPrivate(random));
        } finally {
            Files.delete(random);
        }
    }

    private void write(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
    }

    private void assertUnreadable() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> KeyFile.readPrivate(file))
                .withMessageContaining(file.toString());
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> KeyFile.readPublic(file))
                .withMessageContaining(file.toString());
    }
}
