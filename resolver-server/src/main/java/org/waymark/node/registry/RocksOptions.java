package org.waymark.node.registry;

/**
 * What bounds the memory, the files and the queue of a {@link RocksRegistry}.
 *
 * @param memoryBytes blocks, indexes, filters and write buffers together: 8 MiB or more
 * @param writeBufferBytes the part of {@code memoryBytes} that recent writes may take before they are written to
 *     tables: 1 MiB to half of {@code memoryBytes}
 * @param maxOpenFiles tables held open at a time: 32 or more
 * @param maxQueuedWrites writes that may wait for the writer: 1 or more
 * @param maxQueuedBytes bytes of records that may wait for the writer; it may hold as much again in the group that it
 *     is writing. 1 or more
 */
public record RocksOptions(
        long memoryBytes, long writeBufferBytes, int maxOpenFiles, int maxQueuedWrites, long maxQueuedBytes) {

    private static final long MIB = 1_024 * 1_024;

    public RocksOptions {
        require("memoryBytes", memoryBytes, 8 * MIB, Long.MAX_VALUE);
        require("writeBufferBytes", writeBufferBytes, MIB, memoryBytes / 2);
        require("maxOpenFiles", maxOpenFiles, 32, Integer.MAX_VALUE);
        require("maxQueuedWrites", maxQueuedWrites, 1, Integer.MAX_VALUE);
        require("maxQueuedBytes", maxQueuedBytes, 1, Long.MAX_VALUE);
    }

    /**
     * 160 MiB of memory, 60 MiB of it for recent writes; 512 files; 16,384 writes or 32 MiB waiting. With 24 MiB for recent writes, a bulk
     * registration spends half as much CPU time again on bringing tables together.
     */
    public static RocksOptions defaults() {
        return new RocksOptions(160 * MIB, 60 * MIB, 512, 16_384, 32 * MIB);
    }

    /** The same with another bound on memory, three eighths of it for recent writes. */
    public RocksOptions withMemoryBytes(long bytes) {
        return new RocksOptions(bytes, bytes / 8 * 3, maxOpenFiles, maxQueuedWrites, maxQueuedBytes);
    }

    /** The same with another bound on what may wait for the writer. */
    public RocksOptions withQueue(int writes, long bytes) {
        return new RocksOptions(memoryBytes, writeBufferBytes, maxOpenFiles, writes, bytes);
    }

    private static void require(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; " + least
                    + (most == Long.MAX_VALUE ? " or more" : " to " + most) + " is allowed");
        }
    }
}
