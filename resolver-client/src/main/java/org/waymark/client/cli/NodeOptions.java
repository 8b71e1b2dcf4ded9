package org.waymark.client.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.ResolverClient;
import org.waymark.trust.Anchor;
import org.waymark.wire.TlsFiles;
import picocli.CommandLine.Option;

/** Options of the commands that speak with a node. */
final class NodeOptions {

    @Option(
            names = {"-s", "--server"},
            paramLabel = "HOST:PORT[,...]",
            defaultValue = "${env:WAYMARK_SERVER:-127.0.0.1:2640}",
            description = "Nodes to ask, tls://HOST:PORT for one that speaks TLS; the first one that can be reached is"
                    + " used. Default: $WAYMARK_SERVER, or"
                    + " 127.0.0.1:2640.")
    private String server;

    @Option(
            names = "--tls-authorities",
            paramLabel = "FILE",
            defaultValue = "${env:WAYMARK_TLS_AUTHORITIES}",
            description = "For nodes written tls://HOST:PORT: the authorities that vouch for them (PEM). Default:"
                    + " $WAYMARK_TLS_AUTHORITIES, or those that the JVM knows.")
    private Path tlsAuthorities;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            defaultValue = "${env:WAYMARK_TLS_CERTIFICATE}",
            description = "The certificate to show to such a node (PEM), where it asks for one.")
    private Path tlsCertificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            defaultValue = "${env:WAYMARK_TLS_KEY}",
            description = "The key of that certificate (PEM, PKCS#8).")
    private Path tlsKey;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "How long a request may take: 0.001 to 3600. Default: ${DEFAULT-VALUE}.")
    private double timeoutSeconds;

    /** The anchors, for the commands that verify. */
    static class AnchorOptions {

        @Option(
                names = {"-a", "--anchor"},
                paramLabel = "PREFIX#KEY-ID",
                split = ",",
                defaultValue = "${env:WAYMARK_ANCHOR}",
                description = "Where trust starts; may be given several times. Default: $WAYMARK_ANCHOR.")
        private List<Anchor> anchors;

        List<Anchor> anchors() {
            return anchors == null ? List.of() : anchors;
        }

        boolean isVerifying() {
            return true;
        }

        /** What is wrong where there is no anchor. */
        String missingAnchor() {
            return "to verify, an anchor is needed: --anchor PREFIX#KEY-ID, or WAYMARK_ANCHOR in the environment";
        }
    }

    /** The same for the commands that can do without. */
    static final class TrustOptions extends AnchorOptions {

        @Option(names = "--no-verify", description = "Show what the node answers without verifying it.")
        private boolean noVerify;

        @Override
        boolean isVerifying() {
            return !noVerify;
        }

        @Override
        String missingAnchor() {
            return super.missingAnchor() + "; --no-verify shows what the node says";
        }
    }

    NodeClient connect() {
        return NodeClient.create(NodeClientOptions.builder()
                .nodes(server)
                .tls(tls())
                .requestTimeout(timeout())
                .connectTimeout(timeout())
                .agent("waymark")
                .build());
    }

    ResolverClient resolver(AnchorOptions trust) {
        return resolver(trust, builder -> builder);
    }

    ResolverClient resolver(AnchorOptions trust, UnaryOperator<ResolverClient.Builder> settings) {
        ResolverClient.Builder builder = ResolverClient.builder()
                .nodes(server)
                .tls(tls())
                .requestTimeout(timeout())
                .connectTimeout(timeout())
                .cachedAnswers(0);
        trust.anchors().forEach(builder::anchor);
        if (!trust.isVerifying()) {
            builder.withoutVerification();
        } else if (trust.anchors().isEmpty()) {
            throw new UsageException(trust.missingAnchor());
        }
        return settings.apply(builder).build();
    }

    private TlsFiles tls() {
        if ((tlsCertificate == null) != (tlsKey == null)) {
            throw new UsageException("--tls-certificate and --tls-key belong together: give both, or neither");
        }
        return new TlsFiles(
                Optional.ofNullable(tlsCertificate), Optional.ofNullable(tlsKey), Optional.ofNullable(tlsAuthorities));
    }

    /** The same, with another node. */
    NodeOptions at(String node) {
        NodeOptions other = new NodeOptions();
        other.server = node;
        other.timeoutSeconds = timeoutSeconds;
        other.tlsAuthorities = tlsAuthorities;
        other.tlsCertificate = tlsCertificate;
        other.tlsKey = tlsKey;
        return other;
    }

    Duration timeout() {
        if (!(timeoutSeconds >= 0.001 && timeoutSeconds <= 3_600)) {
            throw new UsageException("--timeout must be 0.001 to 3600 seconds");
        }
        return Duration.ofMillis((long) (timeoutSeconds * 1_000));
    }
}
