package org.waymark.node.cache;

/**
 * What a look-up needs to know of Redis. Immutable.
 *
 * @param space where entries are
 * @param published everything up to this sequence number is in Redis
 */
record RedisView(RedisSession session, String space, long published) {}
