package org.waymark.ops.redis;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version as {@code redis-server --version} prints it. */
record RedisVersion(int major, int minor, int patch) implements Comparable<RedisVersion> {
    /** The oldest version that the node works with. */
    static final RedisVersion OLDEST = new RedisVersion(6, 2, 0);

    private static final Pattern PRINTED = Pattern.compile("\\bv=(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4})\\b");

    /** Finds the version in a line such as {@code Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64}. */
    static Optional<RedisVersion> find(String printed) {
        Matcher matcher = PRINTED.matcher(printed);
        if (!matcher.find()) {
            return Optional.empty();
        }
        return Optional.of(new RedisVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3))));
    }

    @Override
    public int compareTo(RedisVersion other) {
        return Comparator.comparingInt(RedisVersion::major)
                .thenComparingInt(RedisVersion::minor)
                .thenComparingInt(RedisVersion::patch)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
