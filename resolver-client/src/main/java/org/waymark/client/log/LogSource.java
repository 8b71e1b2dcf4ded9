package org.waymark.client.log;

import java.util.Optional;

/** Where a log is read from; the parts are those of {@code LogRequest} in {@code resolver.proto}. Safe for use by many threads. */
public interface LogSource {

    /**
     * A part of the log.
     *
     * @return empty where there is none, or none yet
     * @throws org.waymark.client.WaymarkException if it can't be read
     */
    Optional<byte[]> fetch(String path);

    /**
     * Hands in cosignatures.
     *
     * @param lines each with its newline
     * @return what the node says is wrong; empty where it took one
     */
    String cosign(String lines);
}
