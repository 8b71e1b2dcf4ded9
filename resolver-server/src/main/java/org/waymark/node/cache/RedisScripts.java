package org.waymark.node.cache;

/** What Redis does in one step. Entries are compared by the sequence number in them; see {@link RedisEntry}. */
final class RedisScripts {

    /**
     * Only the connection that the space names may publish: what an ended one sent late does nothing. KEYS: last, the generations.
     * ARGV: first, the connection's token.
     */
    private static final String FENCE = """
            if redis.pcall('HGET', KEYS[#KEYS], 'publisher') ~= ARGV[1] then
              return redis.error_reply('FENCED this connection is not the publisher of the space')
            end
            """;

    /** KEYS: lease, entry. ARGV: token, entry, life in milliseconds. */
    private static final String REPLACE = """
            redis.call('DEL', KEYS[1])
            local held = redis.pcall('GETRANGE', KEYS[2], 0, 9)
            if type(held) == 'string' and #held == 10 and string.byte(held) == 1
                and struct.unpack('>I8', held, 3) > struct.unpack('>I8', ARGV[2], 3) then
              return 0
            end
            redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
            return 1
            """;

    /** Takes leases, in place of those that others hold. KEYS: leases. ARGV: token, life in milliseconds. */
    static final String LEASE = """
            for i = 1, #KEYS do
              redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2])
            end
            return #KEYS
            """;

    /** Replaces nothing newer; deletes the lease in any case, so that no read that began earlier fills. */
    static final String WRITE = FENCE + REPLACE;

    /** The same for a reader's fill, which needs the lease that its miss took. */
    static final String FILL = """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then
              return 0
            end
            """ + REPLACE;

    /** Removes an entry and its lease. */
    static final String REMOVE = FENCE + """
            return redis.call('DEL', KEYS[1], KEYS[2])
            """;

    /** Says that a prefix changed. ARGV: token, key of the prefix's record, sequence number. */
    static final String CHANGE_PREFIX = FENCE + """
            return redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
            """;

    private RedisScripts() {}
}
