package org.waymark.node.registry;

import com.google.protobuf.ByteString;

/**
 * Something that the registry keeps beside the records, durably; it is no record, has no history, and is not in the change feed.
 *
 * @param key 1 to {@value #KEY_BYTES} bytes
 * @param value at most {@value #VALUE_BYTES} bytes
 */
public record Document(ByteString key, ByteString value) {

    /** The longest key, in bytes. */
    public static final int KEY_BYTES = 4 * 1_024;

    /** The largest value, in bytes. */
    public static final int VALUE_BYTES = 64 * 1_024;

    public Document {
        if (key.isEmpty() || key.size() > KEY_BYTES) {
            throw new IllegalArgumentException(
                    "a document's key has " + key.size() + " bytes; 1 to " + KEY_BYTES + " are allowed");
        }
        if (value.size() > VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "a document has " + value.size() + " bytes; at most " + VALUE_BYTES + " are allowed");
        }
    }
}
