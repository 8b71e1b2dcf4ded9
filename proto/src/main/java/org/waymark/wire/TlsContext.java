package org.waymark.wire;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One side's part of TLS 1.3 and 1.2, from files that may be replaced while it is in use: new connections use what is there now, those
 * that stand keep what they began with. What can't be used is said in the log, and the last that could be stays. Safe for use by many
 * threads.
 */
public final class TlsContext implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TlsContext.class);
    /** Between looks at the files. */
    static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final TlsFiles files;
    private final boolean isServer;
    private final ScheduledExecutorService looking =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("waymark-tls-files", true));
    private List<Stamp> stamps;
    private volatile SslContext current;

    private TlsContext(TlsFiles files, boolean isServer) throws IOException {
        this.files = files;
        this.isServer = isServer;
        this.stamps = stamps();
        try {
            this.current = load();
        } catch (IOException e) {
            looking.shutdown();
            throw e;
        }
        if (!stamps.isEmpty()) {
            looking.scheduleWithFixedDelay(
                    this::renew, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /**
     * Reads what a server needs.
     *
     * @throws IllegalArgumentException if no certificate is named
     * @throws IOException if the files can't be used; the message says which and why
     */
    public static TlsContext forServer(TlsFiles files) throws IOException {
        if (files.certificate().isEmpty()) {
            throw new IllegalArgumentException("a server needs a certificate for TLS");
        }
        return new TlsContext(files, true);
    }

    /**
     * Reads what a client needs.
     *
     * @throws IOException if the files can't be used; the message says which and why
     */
    public static TlsContext forClient(TlsFiles files) throws IOException {
        return new TlsContext(files, false);
    }

    /** How a file looked from outside. */
    private record Stamp(Path file, long changedMillis, long bytes, Object id) {

        static Stamp of(Path file) {
            try {
                BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
                return new Stamp(file, facts.lastModifiedTime().toMillis(), facts.size(), facts.fileKey());
            } catch (IOException e) {
                return new Stamp(file, 0, -1, null);
            }
        }
    }

    private List<Stamp> stamps() {
        return files.all().map(Stamp::of).toList();
    }

    private void renew() {
        List<Stamp> now = stamps();
        if (now.equals(stamps)) {
            return;
        }
        // Certificate and key are seldom replaced in one moment: what does not fit now is looked at again when it
        // changes again.
        stamps = now;
        try {
            current = load();
            LOG.info(
                    "new connections use the TLS files as they are now: {}",
                    files.all().toList());
        } catch (IOException | RuntimeException e) {
            LOG.warn("the TLS files have changed and can't be used; the former stay in use: {}", e.getMessage());
        }
    }

    private SslContext load() throws IOException {
        SslContextBuilder builder = isServer ? server() : client();
        if (files.authorities().isPresent()) {
            builder.trustManager(TlsIdentity.certificates(files.authorities().get()));
        }
        return builder.sslProvider(SslProvider.JDK).protocols(PROTOCOLS).build();
    }

    private SslContextBuilder server() throws IOException {
        TlsIdentity identity = identity();
        return SslContextBuilder.forServer(identity.key(), identity.chain())
                .clientAuth(files.authorities().isPresent() ? ClientAuth.REQUIRE : ClientAuth.NONE);
    }

    private SslContextBuilder client() throws IOException {
        SslContextBuilder builder = SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS");
        if (files.certificate().isPresent()) {
            TlsIdentity identity = identity();
            builder.keyManager(identity.key(), identity.chain());
        }
        return builder;
    }

    private TlsIdentity identity() throws IOException {
        TlsIdentity identity =
                TlsIdentity.read(files.certificate().orElseThrow(), files.key().orElseThrow());
        X509Certificate own = identity.chain().get(0);
        if (own.getNotAfter().getTime() < System.currentTimeMillis()) {
            LOG.warn(
                    "the certificate in {} has expired on {}",
                    files.certificate().get(),
                    own.getNotAfter().toInstant());
        }
        return identity;
    }

    /**
     * What goes to the head of an accepted connection's pipeline.
     *
     * @param handshakeTimeout after which a connection without a finished handshake is closed
     */
    public SslHandler accepting(ByteBufAllocator allocator, Duration handshakeTimeout) {
        SslHandler handler = current.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
    }

    /**
     * What goes to the head of a connection's pipeline that is made to a server.
     *
     * @param host what the server's certificate must be of
     * @param handshakeTimeout after which the connection is closed if there was no finished handshake
     */
    public SslHandler connecting(ByteBufAllocator allocator, String host, int port, Duration handshakeTimeout) {
        SslHandler handler = current.newHandler(allocator, host, port);
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
    }

    /** Looks at the files no more. */
    @Override
    public void close() {
        looking.shutdown();
    }
}
