/**
 * The caches in front of the authority, and what keeps them coherent.
 *
 * <p>Order comes from one number, the registry's sequence. Every answer carries the sequence as of which it was read, and that
 * number alone decides which of two answers is the newer one:
 *
 * <ul>
 *   <li>Redis entries are replaced only by answers with the same or a higher number, and a fill needs the lease that its miss
 *       took, which any write deletes ({@link org.waymark.node.cache.RedisScripts}).
 *   <li>A node remembers, in {@link org.waymark.node.cache.SequenceFloors}, as of which number it has answered past Redis, and takes
 *       nothing older from Redis until the writer has published that far.
 *   <li>Only the connection that a space of Redis names as its publisher may write through to it, so what an ended connection sent
 *       late does nothing; where that name is gone, Redis has lost prefix changes, and the writer takes a new space.
 *   <li>An answer is void once a prefix record on its chain changes ({@link org.waymark.node.cache.PrefixGenerations}),
 *       and a read that began before is not joined after.
 * </ul>
 *
 * <p>The node that holds the registry (the writer) publishes the change feed to Redis and renews a heartbeat there only while it is
 * caught up ({@link org.waymark.node.cache.RedisPublisher}). Other nodes trust Redis and their near caches only while they see that
 * heartbeat over an unbroken link ({@link org.waymark.node.cache.RedisFollower}); else they ask the registry.
 *
 * <p>What the near cache holds lies encoded outside the heap ({@link org.waymark.node.cache.AnswerTable}), so that a face can send
 * it by the bytes of a key alone ({@link org.waymark.node.resolve.ReadyAnswers}).
 */
package org.waymark.node.cache;
