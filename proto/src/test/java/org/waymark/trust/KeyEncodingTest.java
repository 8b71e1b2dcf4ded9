package org.waymark.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.Limits;

class KeyEncodingTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final String ED25519_PUBLIC = "302a300506032b6570032100";
    private static final String ED25519_PRIVATE = "302e020100300506032b657004220420";
    private static final String SM2_PUBLIC = "3059301306072a8648ce3d020106082a811ccf5501822d034200";
    private static final String SM2_PRIVATE = "3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420";

    private static byte[] sm2Private(BigInteger d) {
        return HEX.parseHex(SM2_PRIVATE + HEX.formatHex(BigIntegers.asUnsignedByteArray(32, d)));
    }

    @ParameterizedTest
    @EnumSource
    void aPrivateKeyDecodesToItself(Suite suite) {
        byte[] message = {1, 2, 3};
        for (int i = 0; i < 10; i++) {
            SigningKey key = SigningKey.generate(suite);
            SigningKey decoded = SigningKey.decode(key.encoded());

            assertThat(decoded.encoded()).isEqualTo(key.encoded());
            assertThat(decoded.verifyingKey()).isEqualTo(key.verifyingKey());
            assertThat(decoded.id()).isEqualTo(key.id());
            assertThat(key.verifyingKey().verifies(message, decoded.sign(message)))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPublicKeyDecodesToItself(Suite suite) {
        VerifyingKey key = SigningKey.generate(suite).verifyingKey();
        VerifyingKey decoded = VerifyingKey.decode(key.encoded());

        assertThat(decoded).isEqualTo(key).hasSameHashCodeAs(key);
        assertThat(decoded.suite()).isEqualTo(suite);
        assertThat(decoded.id()).isEqualTo(key.id());
        assertThat(key.encoded().length).isLessThan(Limits.PUBLIC_KEY_BYTES);
    }

    @Test
    void encodingsAreThoseOfTheStandards() {
        VerifyingKey ed25519 = SigningKey.generate(Suite.ED25519).verifyingKey();
        VerifyingKey sm2 = SigningKey.generate(Suite.SM2).verifyingKey();

        assertThat(HEX.formatHex(ed25519.encoded())).startsWith(ED25519_PUBLIC).hasSize(2 * 44);
        assertThat(HEX.formatHex(sm2.encoded())).startsWith(SM2_PUBLIC + "04").hasSize(2 * 91);
    }

    @ParameterizedTest
    @EnumSource
    void aSignatureIsOfItsMessageAndKey(Suite suite) {
        SigningKey key = SigningKey.generate(suite);
        SigningKey other = SigningKey.generate(suite);
        byte[] message = "message".getBytes();
        byte[] signature = key.sign(message);

        assertThat(signature).hasSize(Limits.SIGNATURE_BYTES);
        assertThat(key.verifyingKey().verifies(message, signature)).isTrue();
        assertThat(other.verifyingKey().verifies(message, signature)).isFalse();
        assertThat(key.verifyingKey().verifies("massage".getBytes(), signature)).isFalse();
        for (int i = 0; i < 64 * 8; i++) {
            byte[] changed = signature.clone();
            changed[i / 8] ^= (byte) (1 << i % 8);
            assertThat(key.verifyingKey().verifies(message, changed))
                    .as("bit %d", i)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSignatureOfTheWrongFormIsFalse(Suite suite) {
        VerifyingKey key = SigningKey.generate(suite).verifyingKey();
        byte[] ones = new byte[64];
        Arrays.fill(ones, (byte) 0xFF);

        assertThat(key.verifies(new byte[0], new byte[64])).isFalse();
        assertThat(key.verifies(new byte[0], ones)).isFalse();
        for (int length : new int[] {0, 1, 32, 63, 65, 128}) {
            assertThat(key.verifies(new byte[0], new byte[length])).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aKeyShowsItsSuiteAndIdButNoSecret(Suite suite) {
        SigningKey key = SigningKey.generate(suite);
        byte[] encoded = key.encoded();
        // The secret is the last octet string for Ed25519, and comes before the public point for SM2.
        byte[] secret = suite == Suite.ED25519
                ? Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)
                : Arrays.copyOfRange(encoded, 36, 68);
        String shown = key.toString();

        assertThat(shown).isEqualTo(suite + " " + key.id().shortText());
        assertThat(shown)
                .doesNotContainIgnoringCase(HEX.formatHex(secret).substring(0, 8))
                .doesNotContain(Base64.getEncoder().encodeToString(secret).substring(0, 8))
                .doesNotContain(new BigInteger(1, secret).toString().substring(0, 8));
        assertThat(SigningKey.decode(
                                suite == Suite.ED25519
                                        ? HEX.parseHex(ED25519_PRIVATE + HEX.formatHex(secret))
                                        : HEX.parseHex(SM2_PRIVATE + HEX.formatHex(secret)))
                        .id())
                .isEqualTo(key.id());
    }

    @Test
    void aMalformedPrivateKeyIsNotRepeatedInTheMessage() {
        byte[] secret = SigningKey.generate(Suite.ED25519).encoded();
        secret[1]++;

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> SigningKey.decode(secret))
                .withMessage("not a private key in PKCS#8")
                .withNoCause();
    }

    @Test
    void aCompressedPointOfSm2IsRefused() {
        byte[] uncompressed = SigningKey.generate(Suite.SM2).verifyingKey().encoded();
        byte[] point = Arrays.copyOfRange(uncompressed, 26, 91);
        String x = HEX.formatHex(point, 1, 33);
        String sign = (point[64] & 1) == 0 ? "02" : "03";
        byte[] compressed = HEX.parseHex("3039301306072a8648ce3d020106082a811ccf5501822d032200" + sign + x);

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> VerifyingKey.decode(compressed))
                .withMessageContaining("uncompressed");
    }

    @Test
    void aHybridPointOrOneOffTheCurveIsRefused() {
        byte[] good = SigningKey.generate(Suite.SM2).verifyingKey().encoded();
        byte[] hybrid = good.clone();
        hybrid[26] = (byte) (6 + (good[90] & 1));
        byte[] off = good.clone();
        off[90] ^= 1;

        assertRefused(hybrid);
        assertRefused(off);
        assertRefused(HEX.parseHex(SM2_PUBLIC + "04" + "00".repeat(64)));
        assertRefused(HEX.parseHex("3018301306072a8648ce3d020106082a811ccf5501822d03020000"));
        assertRefused(HEX.parseHex("3016301306072a8648ce3d020106082a811ccf5501822d0300"));
    }

    @Test
    void aKeyThatIsNotInDerIsRefused() {
        byte[] good = SigningKey.generate(Suite.ED25519).verifyingKey().encoded();
        // The outer length in two bytes: BER allows it, DER does not.
        byte[] ber = HEX.parseHex("30812a" + HEX.formatHex(good).substring(4));
        byte[] longer = Arrays.copyOf(good, good.length + 1);

        assertRefused(ber);
        assertRefused(longer);
        assertRefused(Arrays.copyOf(good, good.length - 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // RSA and P-256 by their names, X25519, Ed25519 with parameters
                "301a300d06092a864886f70d0101010500030900300602010302010b",
                "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0"
                        + "f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
                "302a300506032b656e0321000900000000000000000000000000000000000000000000000000000000000000",
                "302c300706032b65700500032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
            })
    void aKeyOfAnotherAlgorithmIsRefused(String hex) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> VerifyingKey.decode(HEX.parseHex(hex)))
                .withMessageContaining("Ed25519 or SM2");
    }

    /** The points of small order of edwards25519: with one as key, a signature can be made without any secret. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
            })
    void aKeyOfSmallOrderIsRefused(String point) {
        assertRefused(HEX.parseHex(ED25519_PUBLIC + point));
    }

    @Test
    void privateKeysOfSm2EndBeforeTheOrderMinusOne() {
        BigInteger n = Sm2Curve.DOMAIN.getN();
        byte[] message = {1};

        for (BigInteger d : new BigInteger[] {BigInteger.ONE, n.subtract(BigInteger.TWO)}) {
            SigningKey key = SigningKey.decode(sm2Private(d));
            assertThat(key.verifyingKey().verifies(message, key.sign(message))).isTrue();
        }
        for (BigInteger d : new BigInteger[] {BigInteger.ZERO, n.subtract(BigInteger.ONE), n, n.add(BigInteger.ONE)}) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> SigningKey.decode(sm2Private(d)));
        }
    }

    @Property(tries = 2_000)
    void randomBytesAreNoKey(@ForAll byte[] bytes) {
        assertRefused(bytes);
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> SigningKey.decode(bytes));
    }

    /** Nearly right bytes go deeper into the decoders than random ones. */
    @Property(tries = 3_000)
    void changedKeysAreReadOrRefused(@ForAll Suite suite, @ForAll long seed) {
        Random random = new Random(seed);
        SigningKey key = suite == Suite.ED25519 ? ED25519 : SM2;
        byte[] publicKey = changed(key.verifyingKey().encoded(), random);
        byte[] privateKey = changed(key.encoded(), random);
        try {
            assertThat(VerifyingKey.decode(publicKey).encoded()).isEqualTo(publicKey);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
        try {
            assertThat(SigningKey.decode(privateKey).encoded()).isNotEmpty();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static final SigningKey ED25519 = SigningKey.generate(Suite.ED25519);
    private static final SigningKey SM2 = SigningKey.generate(Suite.SM2);

    private static byte[] changed(byte[] bytes, Random random) {
        byte[] changed = Arrays.copyOf(bytes, bytes.length - (random.nextInt(4) == 0 ? random.nextInt(40) : 0));
        for (int edits = random.nextInt(3); edits >= 0; edits--) {
            changed[random.nextInt(Math.min(changed.length, 40))] = (byte) random.nextInt(256);
        }
        return changed;
    }

    @Test
    void deeplyNestedAsn1IsRefused() {
        byte[] nested = new byte[16_000];
        for (int i = 0; i < nested.length; i += 2) {
            nested[i] = 0x30;
            nested[i + 1] = (byte) 0x80;
        }

        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> SigningKey.decode(nested));
        assertRefused(nested);
        assertRefused(Arrays.copyOf(nested, Limits.PUBLIC_KEY_BYTES));
    }

    @Test
    void aKeyIdIs32Bytes() {
        KeyId id = ED25519.id();

        assertThat(KeyId.parse(id.toString())).isEqualTo(id);
        assertThat(KeyId.parse(id.toString().toUpperCase(Locale.ROOT))).isEqualTo(id);
        assertThat(id.toString()).startsWith(id.shortText()).hasSize(64);
        for (String text :
                new String[] {"", "ab", "x".repeat(64), id + "0", id.toString().substring(1)}) {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> KeyId.parse(text));
        }
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new KeyId(ByteString.EMPTY));
    }

    private static void assertRefused(byte[] publicKey) {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> VerifyingKey.decode(publicKey));
    }
}
