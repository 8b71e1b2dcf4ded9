package org.waymark.node.cache;

/** What Redis does in one step. Entries are compared by the sequence number in them; see {@link RedisEntry}. */
final class RedisScripts {

    /** Replaces nothing newer; deletes the lease in any case, so that no read that began earlier fills. */
    static final String WRITE = """
            redis.call('DEL', KEYS[2])
            local held = redis.call('GETRANGE', KEYS[1], 2, 9)
            if #held == 8 and struct.unpack('>I8', held) > struct.unpack('>I8', string.sub(ARGV[1], 3, 10)) then
              return 0
            end
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
            return 1
            """;

    /** The same for a reader's fill, which needs the lease that its miss took. */
    static final String FILL = """
            if redis.call('GET', KEYS[2]) ~= ARGV[3] then
              return 0
            end
            """ + WRITE;

    private RedisScripts() {}
}
