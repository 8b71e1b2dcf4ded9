package org.waymark.node.endpoint.handle;

import com.google.protobuf.ByteString;

/**
 * A value that an administrator sent, as it was read. Immutable.
 *
 * @param index unsigned
 * @param ttl in seconds, where its type says that it is relative
 */
record EditedValue(
        long index, int ttlType, long ttl, int permissions, String type, ByteString data, boolean hasReferences) {}
