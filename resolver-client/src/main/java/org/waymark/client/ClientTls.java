package org.waymark.client;

import java.io.IOException;
import org.waymark.wire.TlsContext;
import org.waymark.wire.TlsFiles;

/** What a client speaks TLS with, read when it is first needed; shared by all its connections. Safe for use by many threads. */
final class ClientTls implements AutoCloseable {

    private final TlsFiles files;
    private TlsContext context;
    private boolean closed;

    ClientTls(TlsFiles files) {
        this.files = files;
    }

    /**
     * Reads files the first time: not for event loops.
     *
     * @throws UnusableTlsFilesException if they can't be used
     */
    synchronized TlsContext get() {
        if (closed) {
            throw new ClientClosedException("the client is closed");
        }
        if (context == null) {
            try {
                context = TlsContext.forClient(files);
            } catch (IOException e) {
                throw new UnusableTlsFilesException(e.getMessage(), e);
            }
        }
        return context;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (context != null) {
            context.close();
        }
    }
}
