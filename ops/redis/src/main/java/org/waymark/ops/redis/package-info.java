/** Finds or starts the Redis that the quickstart and the integration tests use. Not for production: no password, no persistence. */
package org.waymark.ops.redis;
