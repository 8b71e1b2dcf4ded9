package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.waymark.identifier.Scheme;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/** Keys, writes and their results, as the tests of registries need them. */
final class Records {

    private Records() {}

    static RecordKey item(String identifier) {
        return RecordKey.of(RecordKind.ITEM, Scheme.VAA, identifier);
    }

    static RecordKey prefix(String prefix) {
        return RecordKey.of(RecordKind.PREFIX, Scheme.VAA, prefix);
    }

    /** A digest whose every byte is {@code seed}. */
    static ByteString digest(int seed) {
        byte[] bytes = new byte[Write.DIGEST_BYTES];
        Arrays.fill(bytes, (byte) seed);
        return ByteString.copyFrom(bytes);
    }

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    /** The write of a version that follows the one before it, as {@link #digest} of its number. */
    static Write version(RecordKey key, long version, String record) {
        ByteString expected = version == 1 ? ByteString.EMPTY : digest((int) version - 1);
        return new Write(key, version, digest((int) version), bytes(record), version - 1, expected, List.of());
    }

    static CommitResult commit(Registry registry, Write write) {
        return commit(registry, List.of(write)).get(0);
    }

    static List<CommitResult> commit(Registry registry, List<Write> writes) {
        return await(registry.commit(writes));
    }

    static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(30, TimeUnit.SECONDS).join();
    }
}
