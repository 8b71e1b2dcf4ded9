package org.waymark.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MerkleTreeTest {

    private static final int LARGEST = 130;
    private static final byte[] TAG = "tag\0".getBytes(StandardCharsets.US_ASCII);

    /** RFC 9162, section 2.1.1, word for word; leaves are hashed already. */
    private static byte[] referenceRoot(HashFunction hash, List<byte[]> leaves) {
        int n = leaves.size();
        if (n == 0) {
            return hash.digest();
        }
        if (n == 1) {
            return leaves.get(0);
        }
        int k = split(n);
        return hash.digest(
                new byte[] {1}, referenceRoot(hash, leaves.subList(0, k)), referenceRoot(hash, leaves.subList(k, n)));
    }

    /** RFC 9162, section 2.1.3.1. */
    private static void referencePath(HashFunction hash, int m, List<byte[]> leaves, ByteArrayOutputStream path) {
        int n = leaves.size();
        if (n == 1) {
            return;
        }
        int k = split(n);
        if (m < k) {
            referencePath(hash, m, leaves.subList(0, k), path);
            path.writeBytes(referenceRoot(hash, leaves.subList(k, n)));
        } else {
            referencePath(hash, m - k, leaves.subList(k, n), path);
            path.writeBytes(referenceRoot(hash, leaves.subList(0, k)));
        }
    }

    /** The largest power of two smaller than n. */
    private static int split(int n) {
        int k = 1;
        while (2 * k < n) {
            k *= 2;
        }
        return k;
    }

    private static List<byte[]> leaves(HashFunction hash, int size) {
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            leaves.add(MerkleTree.leaf(hash, TAG, new byte[] {(byte) i}));
        }
        return leaves;
    }

    @ParameterizedTest
    @EnumSource
    void rootsAreThoseOfTheRfc(HashFunction hash) {
        for (int size = 0; size <= LARGEST; size++) {
            List<byte[]> leaves = leaves(hash, size);
            assertThat(new MerkleTree(hash, leaves).root()).as("size %d", size).isEqualTo(referenceRoot(hash, leaves));
        }
    }

    @Test
    void pathsAreThoseOfTheRfcAndLeadToTheRoot() {
        HashFunction hash = HashFunction.SHA_256;
        for (int size = 1; size <= LARGEST; size++) {
            List<byte[]> leaves = leaves(hash, size);
            MerkleTree tree = new MerkleTree(hash, leaves);
            for (int leaf = 0; leaf < size; leaf++) {
                ByteArrayOutputStream expected = new ByteArrayOutputStream();
                referencePath(hash, leaf, leaves, expected);
                byte[] path = tree.path(leaf);
                assertThat(path).as("leaf %d of %d", leaf, size).isEqualTo(expected.toByteArray());
                assertThat(MerkleTree.rootOf(hash, leaves.get(leaf), leaf, size, path))
                        .as("leaf %d of %d", leaf, size)
                        .isEqualTo(tree.root());
            }
        }
    }

    @Test
    void aLeafAtAnotherPlaceDoesNotLeadToTheRoot() {
        HashFunction hash = HashFunction.SHA_256;
        for (int size = 2; size <= 33; size++) {
            List<byte[]> leaves = leaves(hash, size);
            MerkleTree tree = new MerkleTree(hash, leaves);
            for (int leaf = 0; leaf < size; leaf++) {
                byte[] path = tree.path(leaf);
                for (int place = 0; place < size; place++) {
                    boolean leads = leads(hash, leaves.get(leaf), place, size, path, tree.root());
                    assertThat(leads)
                            .as("leaf %d as %d of %d", leaf, place, size)
                            .isEqualTo(place == leaf);
                }
            }
        }
    }

    @Test
    void anotherLeafOrAChangedPathDoesNotLeadToTheRoot() {
        HashFunction hash = HashFunction.SM3;
        for (int size = 2; size <= 20; size++) {
            List<byte[]> leaves = leaves(hash, size);
            MerkleTree tree = new MerkleTree(hash, leaves);
            for (int leaf = 0; leaf < size; leaf++) {
                byte[] path = tree.path(leaf);
                byte[] other = leaves.get((leaf + 1) % size);
                assertThat(leads(hash, other, leaf, size, path, tree.root())).isFalse();
                for (int digest = 0; digest < path.length; digest += 32) {
                    byte[] changed = path.clone();
                    changed[digest + leaf % 32] ^= 0x10;
                    assertThat(leads(hash, leaves.get(leaf), leaf, size, changed, tree.root()))
                            .isFalse();
                }
            }
        }
    }

    @Test
    void aPathOfTheWrongLengthIsRefused() {
        HashFunction hash = HashFunction.SHA_256;
        for (int size = 1; size <= 40; size++) {
            List<byte[]> leaves = leaves(hash, size);
            MerkleTree tree = new MerkleTree(hash, leaves);
            for (int leaf = 0; leaf < size; leaf++) {
                byte[] path = tree.path(leaf);
                for (int length : new int[] {path.length - 32, path.length - 1, path.length + 1, path.length + 32}) {
                    if (length >= 0) {
                        assertRefused(hash, leaves.get(leaf), leaf, size, Arrays.copyOf(path, length), "proof.path");
                    }
                }
            }
        }
    }

    @Test
    void aPlaceOutsideTheTreeIsRefused() {
        HashFunction hash = HashFunction.SHA_256;
        byte[] leaf = leaves(hash, 1).get(0);

        assertRefused(hash, leaf, 1, 1, new byte[0], "proof.leaf");
        assertRefused(hash, leaf, -1, 1, new byte[0], "proof.leaf");
        assertRefused(hash, leaf, 0, 0, new byte[0], "proof.leaf");
        assertRefused(hash, leaf, 5, 4, new byte[64], "proof.leaf");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> new MerkleTree(hash, List.of()).path(0));
    }

    @Test
    void aLeafIsNeverANode() {
        byte[] data = new byte[64];

        assertThat(MerkleTree.leaf(HashFunction.SHA_256, new byte[0], data))
                .isNotEqualTo(MerkleTree.node(HashFunction.SHA_256, new byte[32], new byte[32]));
    }

    private static boolean leads(HashFunction hash, byte[] digest, int leaf, int size, byte[] path, byte[] root) {
        try {
            return Arrays.equals(MerkleTree.rootOf(hash, digest, leaf, size, path), root);
        } catch (InvalidRecordException e) {
            return false;
        }
    }

    private static void assertRefused(
            HashFunction hash, byte[] digest, long leaf, long size, byte[] path, String field) {
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> MerkleTree.rootOf(hash, digest, leaf, size, path))
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }
}
