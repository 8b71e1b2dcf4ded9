package org.waymark.node.cache;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.waymark.node.resolve.StoredAnswer;

/** What an MGET of entries brings, decoded as it comes in: an answer for each key, or null where there is none. */
final class RedisEntriesOutput extends CommandOutput<byte[], byte[], List<StoredAnswer>> {

    private final OwnerKeys owners;

    RedisEntriesOutput(int keys, OwnerKeys owners) {
        super(ByteArrayCodec.INSTANCE, new ArrayList<>(keys));
        this.owners = owners;
    }

    @Override
    public void set(ByteBuffer bytes) {
        output.add(bytes == null ? null : RedisEntry.decode(bytes, owners).orElse(null));
    }
}
