package org.waymark.node.registry;

/**
 * A record that was verified, as it is to be stored.
 *
 * @param place in the order of all records that were read, from 0
 * @param currentKey under which its current version is stored
 * @param previous the digest that it names as that of the version before; empty for version 1
 * @param value as stored, but for sequence and time
 */
record LoadedRecord(
        long place,
        Position position,
        byte[] currentKey,
        long version,
        byte[] digest,
        byte[] previous,
        long issuedAt,
        byte[] value) {

    /** Where it was read. */
    record Position(org.waymark.export.ExportReader file, long at) {

        @Override
        public String toString() {
            return file.describe(at);
        }
    }
}
