package org.waymark.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** OpenSSL 3 and Waymark read each other's keys and verify each other's signatures. */
class OpenSslIT {

    private static final byte[] MESSAGE = "what both must agree on".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path folder;

    private Path privateKey;
    private Path publicKey;
    private Path message;
    private Path signature;

    private record Run(int exitCode, String output) {}

    @BeforeAll
    static void requireOpenSsl() throws Exception {
        String found = version();
        Matcher version = Pattern.compile("OpenSSL (\\d+)\\.").matcher(found);
        boolean usable = version.find() && Integer.parseInt(version.group(1)) >= 3;
        if ("true".equals(System.getenv("CI"))) {
            assertThat(usable)
                    .as("OpenSSL 3 must be there where CI=true; found: %s", found)
                    .isTrue();
        }
        assumeTrue(usable, "skipped: needs the command openssl of version 3 or later; found: " + found);
    }

    private static String version() throws Exception {
        try {
            return run(List.of("openssl", "version")).output();
        } catch (IOException e) {
            return "none (" + e.getMessage() + ")";
        }
    }

    @BeforeEach
    void nameTheFiles() throws IOException {
        privateKey = folder.resolve("private.pem");
        publicKey = folder.resolve("public.pem");
        message = Files.write(folder.resolve("message"), MESSAGE);
        signature = folder.resolve("signature");
    }

    @ParameterizedTest
    @EnumSource
    void openSslVerifiesWhatWeSigned(Suite suite) throws Exception {
        SigningKey key = SigningKey.generate(suite);
        KeyFile.writePublic(publicKey, key.verifyingKey());
        Files.write(signature, toOpenSsl(suite, key.sign(MESSAGE)));

        assertThat(openSsl(verification(suite)).output()).containsIgnoringCase("verified successfully");
        Files.writeString(message, "!", StandardOpenOption.APPEND);
        assertThat(openSsl(verification(suite)).exitCode()).isNotZero();
    }

    @ParameterizedTest
    @EnumSource
    void weVerifyWhatOpenSslSignedWithOurKey(Suite suite) throws Exception {
        SigningKey key = SigningKey.generate(suite);
        KeyFile.writePrivate(privateKey, key);
        succeed(signing(suite));
        byte[] made = fromOpenSsl(suite, Files.readAllBytes(signature));

        assertThat(key.verifyingKey().verifies(MESSAGE, made)).isTrue();
        assertThat(key.verifyingKey().verifies(Arrays.copyOf(MESSAGE, 3), made)).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void weReadTheKeysThatOpenSslMade(Suite suite) throws Exception {
        succeed(List.of("genpkey", "-algorithm", suite.name(), "-out", privateKey.toString()));
        succeed(List.of("pkey", "-in", privateKey.toString(), "-pubout", "-out", publicKey.toString()));
        SigningKey key = KeyFile.readPrivate(privateKey);

        assertThat(key.suite()).isEqualTo(suite);
        assertThat(KeyFile.readPublic(publicKey)).isEqualTo(key.verifyingKey());
        Files.write(signature, toOpenSsl(suite, key.sign(MESSAGE)));
        assertThat(openSsl(verification(suite)).output()).containsIgnoringCase("verified successfully");
        succeed(signing(suite));
        assertThat(key.verifyingKey().verifies(MESSAGE, fromOpenSsl(suite, Files.readAllBytes(signature))))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void openSslReadsOurKeys(Suite suite) throws Exception {
        SigningKey key = SigningKey.generate(suite);
        KeyFile.writePrivate(privateKey, key);
        KeyFile.writePublic(publicKey, key.verifyingKey());
        Path derived = folder.resolve("derived.pem");

        assertThat(succeed(List.of("pkey", "-in", privateKey.toString(), "-text", "-noout")))
                .containsIgnoringCase(suite == Suite.SM2 ? "ASN1 OID: SM2" : "ED25519 Private-Key");
        assertThat(succeed(List.of("pkey", "-pubin", "-in", publicKey.toString(), "-text", "-noout")))
                .containsIgnoringCase(suite == Suite.SM2 ? "ASN1 OID: SM2" : "ED25519 Public-Key");
        succeed(List.of("pkey", "-in", privateKey.toString(), "-pubout", "-out", derived.toString()));
        assertThat(KeyFile.readPublic(derived)).isEqualTo(key.verifyingKey());
    }

    @ParameterizedTest
    @EnumSource
    void openSslOpensOurEncryptedKeys(Suite suite) throws Exception {
        SigningKey key = SigningKey.generate(suite);
        KeyFile.writePrivate(privateKey, key, "correct horse".toCharArray());
        Path derived = folder.resolve("derived.pem");

        succeed(List.of(
                "pkey",
                "-in",
                privateKey.toString(),
                "-passin",
                "pass:correct horse",
                "-pubout",
                "-out",
                derived.toString()));
        assertThat(KeyFile.readPublic(derived)).isEqualTo(key.verifyingKey());
        assertThat(openSsl(List.of("pkey", "-in", privateKey.toString(), "-passin", "pass:wrong", "-noout"))
                        .exitCode())
                .isNotZero();
    }

    @ParameterizedTest
    @CsvSource({
        "-v2 aes-256-cbc",
        "-v2 aes-128-cbc -v2prf hmacWithSHA1",
        "-v2 aes-192-cbc -v2prf hmacWithSHA512 -iter 100000",
        "-scrypt"
    })
    void weOpenTheKeysThatOpenSslEncrypted(String options) throws Exception {
        for (Suite suite : Suite.values()) {
            SigningKey key = SigningKey.generate(suite);
            Path plain = folder.resolve(suite + ".pem");
            Path encrypted = folder.resolve(suite + ".encrypted.pem");
            KeyFile.writePrivate(plain, key);
            List<String> arguments = new ArrayList<>(List.of("pkcs8", "-topk8", "-passout", "pass:correct horse"));
            arguments.addAll(List.of("-in", plain.toString(), "-out", encrypted.toString()));
            arguments.addAll(List.of(options.split(" ")));
            succeed(arguments);

            assertThat(KeyFile.readPrivate(encrypted, subject -> "correct horse".toCharArray())
                            .encoded())
                    .isEqualTo(key.encoded());
        }
    }

    /** As keytool and OpenSSL make key stores: with a certificate beside the key, or without. */
    @ParameterizedTest
    @EnumSource
    void weReadTheKeyStoresThatOpenSslMade(Suite suite) throws Exception {
        SigningKey key = SigningKey.generate(suite);
        KeyFile.writePrivate(privateKey, key);
        Path certificate = folder.resolve("certificate.pem");
        List<String> request = new ArrayList<>(List.of("req", "-x509", "-new", "-subj", "/CN=maker", "-days", "2"));
        request.addAll(List.of("-key", privateKey.toString(), "-out", certificate.toString()));
        request.addAll(suite == Suite.SM2 ? List.of("-sm3") : List.of());
        succeed(request);
        for (List<String> with : List.of(List.of("-in", certificate.toString()), List.of("-nocerts"))) {
            Path store = folder.resolve("store" + with.size() + ".p12");
            List<String> export = new ArrayList<>(List.of("pkcs12", "-export", "-name", "maker"));
            export.addAll(List.of("-inkey", privateKey.toString(), "-out", store.toString()));
            export.addAll(List.of("-passout", "pass:correct horse"));
            export.addAll(with);
            succeed(export);
            Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("rw-------"));

            for (String place : List.of(store + "#maker", store.toString())) {
                SigningKey read = KeySource.parse(place).open(subject -> "correct horse".toCharArray());
                assertThat(read.id()).isEqualTo(key.id());
                assertThat(key.verifyingKey().verifies(MESSAGE, read.sign(MESSAGE)))
                        .isTrue();
            }
        }
    }

    private List<String> signing(Suite suite) {
        return withDigest(
                suite,
                List.of(
                        "pkeyutl",
                        "-sign",
                        "-rawin",
                        "-inkey",
                        privateKey.toString(),
                        "-in",
                        message.toString(),
                        "-out",
                        signature.toString()));
    }

    private List<String> verification(Suite suite) {
        return withDigest(
                suite,
                List.of(
                        "pkeyutl",
                        "-verify",
                        "-rawin",
                        "-pubin",
                        "-inkey",
                        publicKey.toString(),
                        "-in",
                        message.toString(),
                        "-sigfile",
                        signature.toString()));
    }

    private static List<String> withDigest(Suite suite, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        if (suite == Suite.SM2) {
            all.addAll(List.of("-digest", "sm3", "-pkeyopt", "distid:1234567812345678"));
        }
        return all;
    }

    /** OpenSSL has signatures of SM2 as a DER sequence of r and s; Waymark has r || s. */
    private static byte[] toOpenSsl(Suite suite, byte[] signature) throws IOException {
        if (suite == Suite.ED25519) {
            return signature;
        }
        return new DERSequence(new ASN1Integer[] {
                    new ASN1Integer(new BigInteger(1, signature, 0, 32)),
                    new ASN1Integer(new BigInteger(1, signature, 32, 32))
                })
                .getEncoded();
    }

    private static byte[] fromOpenSsl(Suite suite, byte[] signature) {
        if (suite == Suite.ED25519) {
            return signature;
        }
        ASN1Sequence pair = ASN1Sequence.getInstance(signature);
        byte[] result = new byte[64];
        for (int i = 0; i < 2; i++) {
            BigInteger number = ASN1Integer.getInstance(pair.getObjectAt(i)).getValue();
            System.arraycopy(BigIntegers.asUnsignedByteArray(32, number), 0, result, 32 * i, 32);
        }
        return result;
    }

    private static String succeed(List<String> arguments) throws Exception {
        Run run = openSsl(arguments);
        assertThat(run.exitCode()).as("openssl %s: %s", arguments, run.output()).isZero();
        return run.output();
    }

    private static Run openSsl(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(arguments);
        return run(command);
    }

    private static Run run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
        return new Run(process.exitValue(), output);
    }
}
