package org.waymark.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Random;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EncryptedKeyFileTest {

    private static final String WORDS = "四个 correct 字 battery";

    @TempDir
    Path folder;

    private Path file;
    private int asked;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("key.pem");
    }

    private Passphrase saying(String words) {
        return subject -> {
            asked++;
            assertThat(subject).isEqualTo(file.toString());
            return words.toCharArray();
        };
    }

    @ParameterizedTest
    @EnumSource
    void aKeyIsReadWithItsPassphrase(Suite suite) throws IOException {
        SigningKey key = SigningKey.generate(suite);
        KeyFile.writePrivate(file, key, WORDS.toCharArray());

        assertThat(Files.readString(file))
                .startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
                .doesNotContain(
                        Base64.getEncoder().encodeToString(key.encoded()).substring(0, 40));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(KeySource.parse(file.toString()).open(saying(WORDS)).encoded())
                .isEqualTo(key.encoded());
    }

    @Test
    void theSourceIsAskedOnlyForAnEncryptedKey() throws IOException {
        KeyFile.writePrivate(file, SigningKey.generate(Suite.ED25519));

        KeyFile.readPrivate(file, saying(WORDS));

        assertThat(asked).isZero();
    }

    @Test
    void thePassphraseIsClearedOnceTheKeyIsOpen() throws IOException {
        KeyFile.writePrivate(file, SigningKey.generate(Suite.ED25519), WORDS.toCharArray());
        char[] given = WORDS.toCharArray();

        KeyFile.readPrivate(file, subject -> given);

        assertThat(given).containsOnly('\0');
    }

    @Test
    void aWrongPassphraseIsRefusedByName() throws IOException {
        KeyFile.writePrivate(file, SigningKey.generate(Suite.ED25519), WORDS.toCharArray());

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> KeyFile.readPrivate(file, saying("another one")))
                .withMessageStartingWith(file + ": ")
                .withMessageNotContaining("another one");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> KeyFile.readPrivate(file, saying("")))
                .withMessageStartingWith(file + ": ");
    }

    @Test
    void withoutAPassphraseAnEncryptedKeyIsRefused() throws IOException {
        KeyFile.writePrivate(file, SigningKey.generate(Suite.ED25519), WORDS.toCharArray());

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> KeyFile.readPrivate(file))
                .withMessage(file + " is encrypted, and no passphrase was given for it");
    }

    @Test
    void aShortPassphraseIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> KeyFile.writePrivate(file, SigningKey.generate(Suite.ED25519), "seven77".toCharArray()))
                .withMessageContaining("at least 8 characters");
        assertThat(file).doesNotExist();
    }

    @Test
    void aFileThatAsksForTooMuchWorkIsRefused() throws IOException {
        ASN1EncodableVector scrypt = new ASN1EncodableVector();
        scrypt.add(new DEROctetString(new byte[8]));
        for (int number : new int[] {1 << 24, 8, 1}) {
            scrypt.add(new ASN1Integer(number));
        }
        write(new ASN1ObjectIdentifier("1.3.6.1.4.1.11591.4.11"), new DERSequence(scrypt));
        assertRefused("bytes of memory");
        Files.delete(file);

        write(PKCSObjectIdentifiers.id_PBKDF2, new PBKDF2Params(new byte[8], 10_000_001));
        assertRefused("10000001 iterations");
        Files.delete(file);

        write(PKCSObjectIdentifiers.id_PBKDF2, new DERSequence(new ASN1Encodable[] {
            new DEROctetString(new byte[8]), new ASN1Integer(BigInteger.ONE.shiftLeft(80))
        }));
        assertRefused("");
    }

    @Test
    void aDamagedFileIsRefusedByName() throws IOException {
        byte[] good = EncryptedPkcs8.encrypt(SigningKey.generate(Suite.ED25519).encoded(), WORDS.toCharArray());
        Random random = new Random(7);
        // Past the parameters, so that each try does not take its own number of iterations.
        for (int i = 0; i < 5; i++) {
            byte[] damaged = good.clone();
            damaged[damaged.length - 1 - random.nextInt(16)] ^= 1;
            write(damaged);
            assertRefused("");
            Files.delete(file);
        }
        for (int length = 0; length < 60; length++) {
            byte[] damaged = new byte[length];
            System.arraycopy(good, 0, damaged, 0, length);
            write(damaged);
            assertRefused("");
            Files.delete(file);
        }
    }

    private void assertRefused(String reason) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> KeyFile.readPrivate(file, saying(WORDS)))
                .withMessageStartingWith(file + "")
                .withMessageContaining(reason);
    }

    private void write(ASN1ObjectIdentifier function, ASN1Encodable parameters) throws IOException {
        PBES2Parameters scheme = new PBES2Parameters(
                new KeyDerivationFunc(function, parameters),
                new EncryptionScheme(NISTObjectIdentifiers.id_aes256_CBC, new DEROctetString(new byte[16])));
        write(new EncryptedPrivateKeyInfo(new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBES2, scheme), new byte[64])
                .getEncoded());
    }

    private void write(byte[] der) throws IOException {
        String pem = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END ENCRYPTED PRIVATE KEY-----\n";
        Files.write(file, pem.getBytes(StandardCharsets.US_ASCII));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
