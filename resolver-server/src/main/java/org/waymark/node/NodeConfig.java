package org.waymark.node;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.slf4j.event.Level;
import org.waymark.identifier.Prefix;
import org.waymark.log.NoteKey;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.endpoint.handle.HandleOptions;
import org.waymark.node.endpoint.protobuf.EndpointOptions;
import org.waymark.node.recursive.RecursionOptions;
import org.waymark.node.web.WebOptions;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeySource;
import org.waymark.wire.TlsFiles;

/**
 * All that can be configured about a node, with every default filled in. {@link NodeConfigLoader} reads it; the keys are those of
 * {@link ConfigKeys}. Immutable.
 */
public record NodeConfig(
        Node node,
        Protobuf protobuf,
        HandleOptions handle,
        Http http,
        Registry registry,
        Redis redis,
        NearCache nearCache,
        Answers answers,
        RecursionOptions recursion,
        Log log,
        Operations operations,
        Backup backup,
        Shutdown shutdown,
        Logging logging) {

    /**
     * @param dataDir where the node keeps what it keeps
     * @param roots the self-signed prefixes that this node was set up with
     * @param homes the prefixes that it stands for
     * @param key what it signs denials and checkpoints with; empty: nothing
     * @param keyPassphraseFile of that key; empty: from the environment or a terminal, where it needs one
     */
    public record Node(
            Path dataDir,
            List<Anchor> roots,
            List<Prefix> homes,
            Optional<KeySource> key,
            Optional<Path> keyPassphraseFile) {

        public Node {
            roots = List.copyOf(roots);
            homes = List.copyOf(homes);
        }
    }

    /**
     * @param eventLoops 0: one a processor
     */
    public record Protobuf(Transport.Kind transport, int eventLoops, EndpointOptions endpoint) {}

    /**
     * @param web how it listens where it is enabled
     * @param publicUrl scheme and host by which clients know the node; empty: as each request says
     * @param maxUploadBytes of one upload of records
     */
    public record Http(boolean enabled, WebOptions web, Optional<URI> publicUrl, long maxUploadBytes) {}

    /**
     * @param path of the embedded registry
     * @param readThreads 0: as many as the registry thinks best
     * @param nodes where the remote registry is; not empty if {@code kind} is {@code REMOTE}. Not resolved yet
     * @param tls how they are spoken to; empty: in the clear
     */
    public record Registry(
            Kind kind,
            Path path,
            long blockCacheBytes,
            int readThreads,
            List<InetSocketAddress> nodes,
            Optional<TlsFiles> tls) {

        /** Where the records are. */
        public enum Kind {
            /** In this process. */
            EMBEDDED,
            /** In that of another node. */
            REMOTE
        }

        public Registry {
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * @param uri empty: no Redis. May hold a password
     * @param namespace in front of every key in Redis
     */
    public record Redis(Optional<String> uri, Duration commandTimeout, String namespace) {

        /** Without user and password. */
        @Override
        public String toString() {
            return "Redis[uri=" + uri.map(ConfigKeys::maskCredentials).orElse("") + ", commandTimeout=" + commandTimeout
                    + ", namespace=" + namespace + "]";
        }
    }

    /**
     * @param refreshAheadPercent an entry that is asked for in this last part of its life is refreshed; 0: none is
     */
    public record NearCache(long maxBytes, int refreshAheadPercent) {}

    /**
     * @param negativeTtl how long it may be kept that there is no such record
     * @param maxStale how long after the end of its life an answer may be served while what lies below is away
     */
    public record Answers(Duration negativeTtl, Duration maxStale) {}

    /**
     * @param keys what checkpoints are signed with; empty: the node's key
     * @param checkpointEvery at most so often is one signed
     * @param witnesses whose cosignatures are kept
     */
    public record Log(List<Path> keys, Duration checkpointEvery, List<NoteKey> witnesses) {

        public Log {
            keys = List.copyOf(keys);
            witnesses = List.copyOf(witnesses);
        }
    }

    /**
     * @param host where the operations port listens
     * @param port 0: any free one
     * @param timeZone whose days are reported
     */
    public record Operations(String host, int port, Optional<TlsFiles> tls, ZoneId timeZone) {}

    /**
     * @param directory where a running node makes backups of its registry; empty: nowhere
     * @param keep how many stay there
     */
    public record Backup(Optional<Path> directory, int keep) {}

    /**
     * @param drain how long open requests may take when the node goes away
     */
    public record Shutdown(Duration drain) {}

    public record Logging(Level level, LogFormat format) {}
}
