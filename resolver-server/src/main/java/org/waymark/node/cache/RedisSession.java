package org.waymark.node.cache;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;

/**
 * One physical connection to one run of Redis, from its greeting to its end. It never reconnects: what was true of one connection
 * is not carried over to the next. Safe for use by many threads.
 */
final class RedisSession implements AutoCloseable {

    /** What asks for entries; nothing else uses it. */
    static final CommandType LOOK_UP = CommandType.MGET;

    private static final int LEASE_MILLIS = 5_000;

    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final RedisKeys keys;
    private final String runId;
    private final byte[] token = randomToken();
    private final OwnerKeys owners = new OwnerKeys();
    private final String leaseScript;
    private final String writeScript;
    private final String fillScript;
    private final String removeScript;
    private final String changePrefixScript;
    private volatile boolean suspect;

    private RedisSession(StatefulRedisConnection<byte[], byte[]> connection, RedisKeys keys) {
        this.connection = connection;
        this.keys = keys;
        RedisCommands<byte[], byte[]> commands = connection.sync();
        this.runId = runIdIn(commands.info("server"));
        this.leaseScript = commands.scriptLoad(RedisScripts.LEASE);
        this.writeScript = commands.scriptLoad(RedisScripts.WRITE);
        this.fillScript = commands.scriptLoad(RedisScripts.FILL);
        this.removeScript = commands.scriptLoad(RedisScripts.REMOVE);
        this.changePrefixScript = commands.scriptLoad(RedisScripts.CHANGE_PREFIX);
    }

    static byte[] randomToken() {
        return ByteBuffer.allocate(Long.BYTES)
                .putLong(ThreadLocalRandom.current().nextLong())
                .array();
    }

    /**
     * Connects and gets ready. Blocks.
     *
     * @throws io.lettuce.core.RedisException if Redis can't be reached or can't do what is needed
     */
    static RedisSession open(RedisClient client, RedisURI uri, RedisKeys keys) {
        StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE, uri);
        try {
            return new RedisSession(connection, keys);
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static String runIdIn(String info) {
        return info.lines()
                .filter(line -> line.startsWith("run_id:"))
                .map(line -> line.substring("run_id:".length()).trim())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("Redis does not tell its run_id"));
    }

    /** Changes whenever Redis is started. */
    String runId() {
        return runId;
    }

    StatefulRedisConnection<byte[], byte[]> connection() {
        return connection;
    }

    RedisCommands<byte[], byte[]> sync() {
        return connection.sync();
    }

    private RedisAsyncCommands<byte[], byte[]> async() {
        return connection.async();
    }

    /** What the entries of these records hold; null in place of each that holds no answer. One command. */
    CompletionStage<List<StoredAnswer>> get(String space, List<RecordKey> records) {
        CommandArgs<byte[], byte[]> arguments =
                new CommandArgs<>(ByteArrayCodec.INSTANCE).addKeys(keys.entries(space, records));
        return async().dispatch(LOOK_UP, new RedisEntriesOutput(records.size(), owners), arguments);
    }

    /** Takes the leases that fills need; take them before the reads that fill. One command. */
    CompletionStage<Long> lease(String space, List<RecordKey> records, byte[] leaseToken) {
        byte[][] redisKeys = keys.leases(space, records).toArray(byte[][]::new);
        return run(leaseScript, redisKeys, leaseToken, decimal(LEASE_MILLIS));
    }

    /** Fills, if the lease still holds. */
    CompletionStage<Long> fill(String space, RecordKey key, StoredAnswer answer, long lifeMillis, byte[] leaseToken) {
        byte[][] redisKeys = {keys.lease(space, key), keys.entry(space, key)};
        return run(fillScript, redisKeys, leaseToken, RedisEntry.encode(answer), decimal(lifeMillis));
    }

    /** Makes this connection the only one that may write through to a space. Blocks. */
    void becomePublisher(String space) {
        sync().hset(keys.generations(space), RedisGenerations.PUBLISHER, token);
    }

    /** Whether this connection still is the publisher, and Redis has not lost the space. Blocks. */
    boolean isPublisher(String space) {
        return Arrays.equals(token, sync().hget(keys.generations(space), RedisGenerations.PUBLISHER));
    }

    /** Writes through. */
    CompletionStage<Long> write(String space, RecordKey key, StoredAnswer answer, long lifeMillis) {
        return run(writeScript, written(space, key), token, RedisEntry.encode(answer), decimal(lifeMillis));
    }

    /** Removes an entry that has no successor to be kept, and its lease. */
    CompletionStage<Long> remove(String space, RecordKey key) {
        return run(removeScript, written(space, key), token);
    }

    private byte[][] written(String space, RecordKey key) {
        return new byte[][] {keys.lease(space, key), keys.entry(space, key), keys.generations(space)};
    }

    /** Tells all nodes that a prefix changed under this number. */
    CompletionStage<Long> publishGeneration(String space, RecordKey prefix, long sequence) {
        byte[][] redisKeys = {keys.generations(space)};
        return run(changePrefixScript, redisKeys, token, prefix.encoded(), decimal(sequence));
    }

    private CompletionStage<Long> run(String script, byte[][] redisKeys, byte[]... arguments) {
        return async().evalsha(script, ScriptOutputType.INTEGER, redisKeys, arguments);
    }

    /** The writer's last heartbeat; empty where it has lapsed. Blocks. */
    Optional<RedisHeartbeat> heartbeat() {
        return RedisHeartbeat.decode(sync().get(keys.heartbeat()));
    }

    /** How long the heartbeat still lasts; 0 where it has lapsed. Blocks. */
    long heartbeatLifeMillis() {
        return Math.max(0, sync().pttl(keys.heartbeat()));
    }

    /** Blocks. */
    void renewHeartbeat(RedisHeartbeat heartbeat) {
        sync().set(keys.heartbeat(), heartbeat.encode(), SetArgs.Builder.px(RedisHeartbeat.LIFE.toMillis()));
    }

    static byte[] decimal(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    /** Something failed or took too long: no further look-ups until the next heartbeat says that Redis is well. */
    void suspect() {
        suspect = true;
    }

    void clearSuspicion() {
        suspect = false;
    }

    /** True where look-ups may use it. */
    boolean isUsable() {
        return !suspect && connection.isOpen();
    }

    boolean isOpen() {
        return connection.isOpen();
    }

    @Override
    public void close() {
        connection.closeAsync();
    }
}
