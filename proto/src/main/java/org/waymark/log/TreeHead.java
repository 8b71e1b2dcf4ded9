package org.waymark.log;

import com.google.protobuf.ByteString;

/**
 * What identifies a state of the tree.
 *
 * @param size leaves, 0 or more
 * @param root 32 bytes
 */
public record TreeHead(long size, ByteString root) {

    public TreeHead {
        if (size < 0) {
            throw new LogFormatException("a tree has no negative size: " + size);
        }
        if (root.size() != LogHash.BYTES) {
            throw new LogFormatException("a root has " + LogHash.BYTES + " bytes, not " + root.size());
        }
    }

    static TreeHead of(long size, byte[] root) {
        return new TreeHead(size, ByteString.copyFrom(root));
    }
}
