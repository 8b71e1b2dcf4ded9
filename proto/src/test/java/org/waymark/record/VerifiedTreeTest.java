package org.waymark.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.waymark.Limits;

class VerifiedTreeTest {

    private static final HashFunction HASH = HashFunction.SHA_256;
    private static final ByteString SIGNATURE = ByteString.copyFrom(new byte[Limits.SIGNATURE_BYTES]);

    private static List<byte[]> leaves(int size, Random random) {
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            byte[] leaf = new byte[Limits.DIGEST_BYTES];
            random.nextBytes(leaf);
            leaves.add(leaf);
        }
        return leaves;
    }

    private static SignatureProof proof(int size, int leaf, byte[] path) {
        return new SignatureProof(size, leaf, ByteString.copyFrom(path), SIGNATURE);
    }

    @Property(tries = 300)
    void everyLeafIsHeldByItsOwnPathInWhateverOrderTheyCome(
            @ForAll @IntRange(min = 2, max = 256) int size, @ForAll long seed) {
        Random random = new Random(seed);
        List<byte[]> leaves = leaves(size, random);
        MerkleTree tree = new MerkleTree(HASH, leaves);
        VerifiedTree verified = new VerifiedTree(HASH, tree.root(), size);
        List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        Collections.shuffle(order, random);
        for (int leaf : order) {
            assertThat(verified.holds(proof(size, leaf, tree.path(leaf)), leaves.get(leaf)))
                    .isTrue();
        }
    }

    @Property(tries = 300)
    void aChangedLeafOrPathIsNeverHeld(@ForAll @IntRange(min = 2, max = 256) int size, @ForAll long seed) {
        Random random = new Random(seed);
        List<byte[]> leaves = leaves(size, random);
        MerkleTree tree = new MerkleTree(HASH, leaves);
        VerifiedTree verified = new VerifiedTree(HASH, tree.root(), size);
        for (int round = 0; round < 50; round++) {
            int leaf = random.nextInt(size);
            byte[] path = tree.path(leaf);
            byte[] digest = leaves.get(leaf).clone();
            switch (random.nextInt(4)) {
                case 0 -> digest[random.nextInt(digest.length)] ^= 1;
                case 1 -> path[random.nextInt(path.length)] ^= 1;
                case 2 -> path = java.util.Arrays.copyOf(path, path.length + Limits.DIGEST_BYTES);
                default -> path = java.util.Arrays.copyOf(path, path.length - Limits.DIGEST_BYTES);
            }
            assertThat(verified.holds(proof(size, leaf, path), digest)).isFalse();
            assertThat(verified.holds(proof(size, leaf, tree.path(leaf)), leaves.get(leaf)))
                    .isTrue();
        }
    }

    @Property(tries = 100)
    void anotherLeafsPlaceIsNotHeld(@ForAll @IntRange(min = 2, max = 256) int size, @ForAll long seed) {
        Random random = new Random(seed);
        List<byte[]> leaves = leaves(size, random);
        MerkleTree tree = new MerkleTree(HASH, leaves);
        VerifiedTree verified = new VerifiedTree(HASH, tree.root(), size);
        int leaf = random.nextInt(size);
        int other = (leaf + 1 + random.nextInt(size - 1)) % size;
        verified.holds(proof(size, leaf, tree.path(leaf)), leaves.get(leaf));
        assertThat(verified.holds(proof(size, other, tree.path(leaf)), leaves.get(leaf)))
                .isFalse();
    }

    @Property(tries = 20)
    void onlyTheRootOfALargeTreeIsKnown(@ForAll @IntRange(min = 257, max = 600) int size, @ForAll long seed) {
        List<byte[]> leaves = leaves(size, new Random(seed));
        MerkleTree tree = new MerkleTree(HASH, leaves);
        VerifiedTree verified = new VerifiedTree(HASH, tree.root(), size);
        assertThat(verified.holds(proof(size, 0, tree.path(0)), leaves.get(0))).isFalse();
        assertThat(verified.hasRoot(tree.root())).isTrue();
        assertThat(verified.hasRoot(leaves.get(0))).isFalse();
    }
}
