package org.waymark.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.spec.PKCS8EncodedKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys that a security provider signs with; a software provider stands for the one of a device. */
class ProviderKeyTest {

    private static final byte[] MESSAGE = "to be signed elsewhere".getBytes(StandardCharsets.UTF_8);

    private final Provider provider = new BouncyCastleProvider();

    @TempDir
    Path folder;

    private PrivateKey handle(SigningKey key) throws Exception {
        String algorithm = key.suite() == Suite.ED25519 ? "Ed25519" : "EC";
        return KeyFactory.getInstance(algorithm, provider).generatePrivate(new PKCS8EncodedKeySpec(key.encoded()));
    }

    @ParameterizedTest
    @EnumSource
    void aKeyThatAProviderHoldsSigns(Suite suite) throws Exception {
        SigningKey key = SigningKey.generate(suite);

        SigningKey held = SigningKey.held(handle(key), provider, key.verifyingKey());

        assertThat(held.id()).isEqualTo(key.id());
        for (int i = 0; i < 20; i++) {
            assertThat(key.verifyingKey().verifies(MESSAGE, held.sign(MESSAGE))).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void itDoesNotLeaveTheProvider(Suite suite) throws Exception {
        SigningKey key = SigningKey.generate(suite);
        SigningKey held = SigningKey.held(handle(key), provider, key.verifyingKey());

        assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(held::encoded);
    }

    @ParameterizedTest
    @EnumSource
    void anotherPublicKeyIsNoticed(Suite suite) throws Exception {
        PrivateKey handle = handle(SigningKey.generate(suite));
        VerifyingKey other = SigningKey.generate(suite).verifyingKey();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> SigningKey.held(handle, provider, other))
                .withMessageContaining("does not verify with the public key " + other.id());
    }

    @ParameterizedTest
    @EnumSource
    void aProviderThatDoesNotKnowTheSuiteIsNamed(Suite suite) throws Exception {
        SigningKey key = SigningKey.generate(suite);
        PrivateKey handle = handle(key);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> SigningKey.held(handle, Security.getProvider("SUN"), key.verifyingKey()))
                .withMessageContaining("the provider SUN does not sign by " + suite);
    }

    @Test
    void aDeviceThatIsNotThereIsAnErrorThatNamesItsConfiguration() throws IOException {
        Path config = folder.resolve("device.cfg");
        KeySource source = KeySource.parse("pkcs11:" + config + "#maker");
        assertThat(source).isEqualTo(new KeySource(KeySource.Form.PKCS11, config, "maker"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> source.open(Passphrase.none()))
                .withMessageContaining(config.toString());

        Files.writeString(config, "name = Absent\nlibrary = /nowhere/libabsent.so\n");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> source.open(Passphrase.none()))
                .withMessageContaining(config + " sets no device up");
    }

    @Test
    void aPlaceIsReadAsItIsWritten() {
        assertThat(KeySource.parse("keys/maker#1.pem")).isEqualTo(KeySource.of(Path.of("keys/maker#1.pem")));
        assertThat(KeySource.parse("a#b.P12#the alias"))
                .isEqualTo(new KeySource(KeySource.Form.PKCS12, Path.of("a#b.P12"), "the alias"))
                .hasToString("a#b.P12#the alias");
        assertThat(KeySource.parse("store.pfx"))
                .isEqualTo(new KeySource(KeySource.Form.PKCS12, Path.of("store.pfx"), ""));
        assertThat(KeySource.parse("pkcs11:hsm.cfg#k")).hasToString("pkcs11:hsm.cfg#k");
    }
}
