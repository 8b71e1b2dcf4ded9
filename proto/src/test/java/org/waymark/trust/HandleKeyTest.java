package org.waymark.trust;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.DSAPublicKeySpec;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.v1.PrefixDescription;

class HandleKeyTest {

    private static final byte[] MESSAGE = "challenge".getBytes(UTF_8);

    private static KeyPair pair(String algorithm, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "DSA"})
    void whatIsEncodedIsReadAndVerifies(String algorithm) throws Exception {
        KeyPair pair = pair(algorithm, 2_048);
        Signature signer = Signature.getInstance("SHA256with" + algorithm);
        signer.initSign(pair.getPrivate());
        signer.update(MESSAGE);
        byte[] signature = signer.sign();

        HandleKey read = HandleKey.decode(HandleKey.of(pair.getPublic()).encoded());

        assertThat(read.verifies("SHA-256", MESSAGE, signature)).isTrue();
        assertThat(read.verifies("SHA-512", MESSAGE, signature)).isFalse();
        assertThat(read.verifies("SHA-256", new byte[0], signature)).isFalse();
        assertThat(read.verifies("SHA-256", MESSAGE, new byte[3])).isFalse();
        assertThat(HandleKey.knowsHash("SHA-1")).isFalse();
        assertThatThrownBy(() -> read.verifies("SHA-1", MESSAGE, signature))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aKeyWhoseNumbersAreNotPrimeVerifiesNothing() throws Exception {
        BigInteger q = BigInteger.TWO.pow(255);
        BigInteger p = BigInteger.TWO.pow(2_047);
        HandleKey key = HandleKey.of(KeyFactory.getInstance("DSA")
                .generatePublic(new DSAPublicKeySpec(BigInteger.TWO, p, q, BigInteger.TWO)));
        byte[] oneAndTwo = {0x30, 6, 2, 1, 1, 2, 1, 2};

        assertThat(key.verifies("SHA-256", MESSAGE, oneAndTwo)).isFalse();
    }

    @Test
    void otherKeysAndOtherSizesAreRefused() throws Exception {
        assertThatThrownBy(() -> HandleKey.of(pair("RSA", 1_024).getPublic())).hasMessageContaining("1024 bits");
        assertThatThrownBy(() -> HandleKey.of(pair("Ed25519", 255).getPublic())).hasMessageContaining("RSA and DSA");
        assertThatThrownBy(() -> HandleKey.decode(ByteString.copyFromUtf8("\0\0\0\4none\0\0")))
                .hasMessageContaining("not none");
    }

    @Test
    void everyCutOfAnEncodingIsRefused() throws Exception {
        ByteString encoded = HandleKey.of(pair("RSA", 2_048).getPublic()).encoded();
        for (int length = 0; length < encoded.size(); length++) {
            ByteString cut = encoded.substring(0, length);
            assertThatThrownBy(() -> HandleKey.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aPrefixRecordHoldsKeysThatSignNoRecord(@TempDir Path directory) throws Exception {
        KeyPair pair = pair("RSA", 2_048);
        Path file = Files.writeString(
                directory.resolve("rsa.pub"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(pair.getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
        SigningKey key = SigningKey.generate(Suite.ED25519);
        Prefix prefix = Prefix.parse("88.118");
        RecordDraft.Builder draft = PrefixRecord.describe(
                RecordDraft.prefix(prefix, prefix).expiresAt(Long.MAX_VALUE),
                PrefixDescription.newBuilder().setName("Node").build(),
                List.of(PartyKey.active(key.verifyingKey(), List.of(org.waymark.v1.KeyRole.DELEGATE))),
                List.of());
        PrefixRecord.describeHandleKeys(draft, List.of(KeyFile.readHandleKey(file)));
        IdentifierRecord record = new RecordSigner(key).sign(draft.build());

        PrefixRecord read = PrefixRecord.of(record);

        assertThat(read.keys()).hasSize(1);
        assertThat(read.handleKeys()).containsOnlyKeys(390L);
        assertThat(read.handleKeys().get(390L))
                .isEqualTo(HandleKey.of(pair.getPublic()).encoded());
    }
}
