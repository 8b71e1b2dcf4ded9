package org.waymark.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The tree against the definitions of RFC 9162 written down word for word, and against published roots. */
class TreeTest {

    /** The leaves that the reference implementations of Certificate Transparency are tested with, and the roots over them. */
    private static final List<String> KNOWN_LEAVES =
            List.of("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f");

    private static final List<String> KNOWN_ROOTS = List.of(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    /** The hashes of a tree as a node keeps them. */
    private static final class Kept implements HashSource {

        private final Map<String, byte[]> hashes = new HashMap<>();
        private final Frontier frontier = Frontier.empty();

        void append(byte[] leafHash) {
            hashes.put("0/" + frontier.size(), leafHash);
            frontier.append(leafHash, (level, index, hash) -> hashes.put(level + "/" + index, hash));
        }

        @Override
        public byte[][] hashes(int level, long from, int count) {
            assertThat(from / Tile.WIDTH).isEqualTo((from + count - 1) / Tile.WIDTH);
            byte[][] found = new byte[count][];
            for (int i = 0; i < count; i++) {
                found[i] = hashes.get(level + "/" + (from + i)).clone();
            }
            return found;
        }
    }

    private static Kept keep(int leaves) {
        Kept kept = new Kept();
        for (int i = 0; i < leaves; i++) {
            kept.append(leafHash(i));
        }
        return kept;
    }

    private static byte[] leafHash(int leaf) {
        return LogHash.leaf(("leaf " + leaf).getBytes(StandardCharsets.UTF_8));
    }

    /** MTH of RFC 9162, section 2.1.1. */
    private static byte[] naiveRoot(List<byte[]> leaves) {
        if (leaves.isEmpty()) {
            return LogHash.empty();
        }
        if (leaves.size() == 1) {
            return leaves.get(0);
        }
        int k = Integer.highestOneBit(leaves.size() - 1);
        return LogHash.node(naiveRoot(leaves.subList(0, k)), naiveRoot(leaves.subList(k, leaves.size())));
    }

    private static List<byte[]> leafHashes(int count) {
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            leaves.add(leafHash(i));
        }
        return leaves;
    }

    @Test
    void theRootsAreThePublishedOnes() {
        Frontier frontier = Frontier.empty();
        for (int size = 0; size < KNOWN_ROOTS.size(); size++) {
            assertThat(HexFormat.of().formatHex(frontier.head().root().toByteArray()))
                    .isEqualTo(KNOWN_ROOTS.get(size));
            if (size < KNOWN_LEAVES.size()) {
                frontier.append(LogHash.leaf(HexFormat.of().parseHex(KNOWN_LEAVES.get(size))), (l, i, h) -> {});
            }
        }
    }

    @Property(tries = 60)
    void anyTreeHasTheRootOfItsDefinition(@ForAll @IntRange(max = 1_500) int size) {
        Kept kept = keep(size);
        byte[] root = naiveRoot(leafHashes(size));

        assertThat(kept.frontier.head()).isEqualTo(TreeHead.of(size, root));
        assertThat(new TiledTree(kept, size).head()).isEqualTo(TreeHead.of(size, root));
    }

    @Property(tries = 40)
    void aFrontierReadFromTilesGoesOnAsTheOneThatWasKept(
            @ForAll @IntRange(max = 70_000) int size, @ForAll @IntRange(min = 1, max = 300) int more) {
        Kept kept = keep(size);
        Frontier read = Frontier.of(size, kept);
        Frontier copy = kept.frontier.copy();
        for (int i = 0; i < more; i++) {
            read.append(leafHash(size + i), (l, j, h) -> {});
            copy.append(leafHash(size + i), (l, j, h) -> {});
        }

        assertThat(read.head()).isEqualTo(copy.head());
        assertThat(kept.frontier.size()).isEqualTo(size);
    }

    @Property(tries = 60)
    void everyLeafCanBeProven(
            @ForAll @IntRange(min = 1, max = 1_200) int size, @ForAll @IntRange(max = 1_199) int seed) {
        int leaf = seed % size;
        Kept kept = keep(size + 3);
        TiledTree tree = new TiledTree(kept, size);
        List<byte[]> proof = tree.inclusion(leaf);
        TreeHead head = tree.head();

        assertThat(TreeProof.includes(head, leaf, leafHash(leaf), proof)).isTrue();
        assertThat(TreeProof.includes(head, leaf, leafHash(leaf + 1), proof)).isFalse();
        assertThat(TreeProof.includes(
                        new TreeHead(size, ByteString.copyFrom(new byte[32])), leaf, leafHash(leaf), proof))
                .isFalse();
        for (List<byte[]> wrong : mutations(proof)) {
            assertThat(TreeProof.includes(head, leaf, leafHash(leaf), wrong)).isFalse();
        }
    }

    @Property(tries = 60)
    void everyTreeContinuesTheSmallerOnes(
            @ForAll @IntRange(max = 1_200) int size, @ForAll @IntRange(max = 1_200) int seed) {
        int smaller = seed % (size + 1);
        Kept kept = keep(size);
        TreeHead earlier = new TiledTree(kept, smaller).head();
        TreeHead later = new TiledTree(kept, size).head();
        List<byte[]> proof = new TiledTree(kept, size).consistency(smaller);

        assertThat(TreeProof.continues(earlier, later, proof)).isTrue();
        if (smaller < size) {
            assertThat(TreeProof.continues(later, earlier, proof)).isFalse();
        }
        if (smaller > 0) {
            TreeHead other = TreeHead.of(smaller, leafHash(-1));
            assertThat(TreeProof.continues(other, later, proof)).isFalse();
            for (List<byte[]> wrong : mutations(proof)) {
                assertThat(TreeProof.continues(earlier, later, wrong)).isFalse();
            }
        }
    }

    private static List<List<byte[]>> mutations(List<byte[]> proof) {
        List<List<byte[]>> mutations = new ArrayList<>();
        List<byte[]> longer = new ArrayList<>(proof);
        longer.add(leafHash(-2));
        mutations.add(longer);
        for (int i = 0; i < proof.size(); i++) {
            List<byte[]> shorter = new ArrayList<>(proof);
            shorter.remove(i);
            mutations.add(shorter);
            List<byte[]> changed = new ArrayList<>(proof);
            changed.set(i, proof.get(i).clone());
            changed.get(i)[7] ^= 1;
            mutations.add(changed);
        }
        return mutations;
    }

    @Property
    void anyProofIsAnsweredWithoutAnException(
            @ForAll long size, @ForAll long leaf, @ForAll @Size(max = 80) List<@Size(32) byte[]> proof) {
        long leaves = size & Long.MAX_VALUE;
        TreeHead head = TreeHead.of(leaves, leafHash(0));

        assertThat(TreeProof.includes(head, leaf, leafHash(1), proof)).isFalse();
        assertThat(TreeProof.continues(TreeHead.of(leaf & Long.MAX_VALUE, leafHash(1)), head, proof))
                .isFalse();
    }

    @Test
    void whatIsNotInTheTreeCanNotBeProven() {
        TiledTree tree = new TiledTree(keep(5), 5);

        assertThatThrownBy(() -> tree.inclusion(5)).isInstanceOf(LogFormatException.class);
        assertThatThrownBy(() -> tree.consistency(6)).isInstanceOf(LogFormatException.class);
    }
}
