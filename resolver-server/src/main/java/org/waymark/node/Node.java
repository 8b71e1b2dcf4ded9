package org.waymark.node;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.identifier.Prefix;
import org.waymark.node.cache.Coherence;
import org.waymark.node.cache.CoherentAuthority;
import org.waymark.node.cache.NearCache;
import org.waymark.node.cache.NearCacheLink;
import org.waymark.node.cache.NearCacheTrust;
import org.waymark.node.cache.PrefixGenerations;
import org.waymark.node.cache.RedisCache;
import org.waymark.node.cache.SequenceFloors;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.endpoint.handle.CertificationKey;
import org.waymark.node.endpoint.handle.HandleEndpoint;
import org.waymark.node.endpoint.http.HttpFace;
import org.waymark.node.endpoint.http.HttpMetrics;
import org.waymark.node.endpoint.protobuf.ProtobufEndpoint;
import org.waymark.node.log.Checkpoints;
import org.waymark.node.log.LoggedAuthority;
import org.waymark.node.metrics.Face;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.operations.Backups;
import org.waymark.node.operations.Console;
import org.waymark.node.operations.OperationsPort;
import org.waymark.node.recursive.OwnReadyAnswers;
import org.waymark.node.recursive.Recursion;
import org.waymark.node.registry.Homes;
import org.waymark.node.registry.PrefixTable;
import org.waymark.node.registry.Registrar;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.node.reports.Figures;
import org.waymark.node.reports.RecordCounter;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.AuthorityLink;
import org.waymark.node.resolve.AuthorityReader;
import org.waymark.node.resolve.ChainLink;
import org.waymark.node.resolve.DenialSigner;
import org.waymark.node.resolve.DenyingAuthority;
import org.waymark.node.resolve.LocalAuthority;
import org.waymark.node.resolve.MeasuredAuthority;
import org.waymark.node.resolve.RemoteAuthority;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.SelectionLink;
import org.waymark.node.web.Router;
import org.waymark.node.web.WebServer;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeySource;
import org.waymark.trust.Passphrase;
import org.waymark.trust.SigningKey;
import org.waymark.v1.NodeInfo;
import org.waymark.wire.AnswerSource;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.TlsFiles;

/**
 * A running node, and the one place where its parts are put together: the registry or the way to it, the chain of caches in front,
 * and the faces. {@link #close} takes it apart in the opposite order.
 */
public final class Node implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    /** Far more than the changes of one epoch. */
    private static final long EPOCH_FACTOR = 1L << 40;

    private final NodeConfig config;
    private final MeterRegistry meters;
    private final NodeMetrics metrics;
    private final NodeGauges gauges;
    private final Clock clock = Clock.systemUTC();
    private final long startedAt = clock.millis();
    private final PrefixGenerations generations = new PrefixGenerations();
    /** Whether changes of prefixes reach this node. */
    private NearCacheTrust changesReachUs = NearCacheTrust.ALWAYS;

    private final AtomicLong unknownStates = new AtomicLong(Long.MIN_VALUE);
    /** What has to be let go, last opened first. */
    private final Deque<Runnable> opened = new ArrayDeque<>();

    private ProtobufEndpoint protobuf;
    private OperationsPort operations;
    private HandleEndpoint handle;
    private WebServer http;
    private RedisCache redis;
    /** Null where this node is no recursive one. */
    private Recursion recursion;

    private Optional<Backups> backups = Optional.empty();
    /** Opened once, since a passphrase may be asked for; null before, and where none is configured. */
    private SigningKey nodeKey;
    /** Null where there is no log, or no key to sign it with. */
    private Checkpoints checkpoints;

    private NearCache nearCache;
    private Supplier<NodeInfo.Builder> registryInfo;

    private Node(NodeConfig config, MeterRegistry meters) {
        this.config = config;
        this.meters = meters;
        this.metrics = new NodeMetrics(meters);
        this.gauges = new NodeGauges(meters, metrics);
        opened.push(gauges::close);
    }

    /**
     * Starts a node; it answers when this returns.
     *
     * @param meters where its metrics go; the caller closes it. The operations port shows those of a {@link
     *     PrometheusMeterRegistry}
     * @throws IOException if the port or the registry can't be had; the message says why
     */
    public static Node start(NodeConfig config, MeterRegistry meters) throws IOException {
        Node node = new Node(config, meters);
        try {
            node.open();
            return node;
        } catch (IOException | RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private void open() throws IOException {
        Transport transport =
                Transport.open(config.protobuf().transport(), config.protobuf().eventLoops());
        opened.push(transport::close);
        if (config.recursion().enabled()) {
            recursion = new Recursion(config.recursion(), software(), this::prefixState, metrics, clock);
            opened.push(recursion::close);
        }
        if (isRemote()) {
            openRemote(transport);
        } else {
            openEmbedded(transport);
        }
        LOG.atInfo()
                .addKeyValue("address", protobuf.address())
                .addKeyValue("registry", isRemote() ? "remote" : "embedded")
                .addKeyValue("redis", redis == null ? "none" : "configured")
                .addKeyValue("transport", transport.kind())
                .log(redis == null ? "ready, without a Redis: none is configured" : "ready");
    }

    /** What is configured, if the memory that this JVM may take outside its heap allows it beside the buffers of connections. */
    private long nearCacheBytes() {
        long configured = config.nearCache().maxBytes();
        String option = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue();
        long limit = option.equals("0") ? Runtime.getRuntime().maxMemory() : Long.parseLong(option);
        long room = limit / 4 * 3;
        if (configured <= room) {
            return configured;
        }
        LOG.atWarn()
                .addKeyValue("nearCache.maxBytes", configured)
                .addKeyValue("room", room)
                .log("the near cache is smaller than configured; -XX:MaxDirectMemorySize (else -Xmx) bounds it");
        return room;
    }

    private void openEmbedded(Transport transport) throws IOException {
        RocksRegistry registry = RocksRegistry.open(
                config.registry().path(),
                RocksOptions.defaults().withMemoryBytes(config.registry().blockCacheBytes()));
        opened.push(registry::close);
        backups = config.backup()
                .directory()
                .map(place ->
                        new Backups(() -> registry.backUp(place, config.backup().keep())));
        Set<Anchor> roots = Set.copyOf(config.node().roots());
        Homes homes = new Homes(Set.copyOf(config.node().homes()));
        PrefixTable prefixes = new PrefixTable(registry);
        AuthorityReader reader = new AuthorityReader(
                registry, prefixes, homes, (int) config.answers().negativeTtl().toSeconds(), clock);
        Registrar registrar = new Registrar(registry, prefixes, roots, homes, clock);
        Optional<SigningKey> key = nodeKey();
        Authority authority =
                measured(denying(new LocalAuthority(registry, reader, registrar, readThreads()), key, prefixes, homes));
        gauges.show(registry, config.registry().path());
        opened.push(authority::close);
        authority = logged(authority, registry, key);
        registryInfo = () -> {
            NodeInfo.Builder info =
                    NodeInfo.newBuilder().setRegistry("embedded").setSequence(registry.lastSequence());
            registry.fault().ifPresent(fault -> info.addReasons("the registry takes no writes: " + fault));
            if (checkpoints != null) {
                checkpoints.fault().ifPresent(fault -> info.addReasons("the log can't be signed: " + fault));
            }
            return info;
        };

        // Floors start where a node before this one may have answered, so that Redis is believed only once it has
        // caught up.
        SequenceFloors floors = new SequenceFloors(registry.lastSequence());
        if (hasRedis()) {
            redis = RedisCache.ofWriter(redisOptions(), registry, reader, generations, floors, clock, metrics);
        }
        NearCacheLink chain = chain(authority, AnswerSource.REGISTRY, NearCacheTrust.ALWAYS, floors);
        Coherence coherence = new Coherence(chain, generations, floors);
        registry.onCommit(changes -> changes.forEach(change -> coherence.committed(change.key(), change.sequence())));
        serve(transport, chain, authority, coherence, Optional.of(new RecordCounter(registry, prefixes)));
    }

    private Optional<SigningKey> nodeKey() throws IOException {
        if (nodeKey == null && config.node().key().isPresent()) {
            nodeKey = readKey("node.key", config.node().key().get());
        }
        return Optional.ofNullable(nodeKey);
    }

    private SigningKey readKey(String setting, KeySource key) throws IOException {
        try {
            return key.open(Passphrase.of(config.node().keyPassphraseFile(), System.getenv(), System.console()));
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(setting + ": " + key + " can't be used: " + e.getMessage(), e);
        }
    }

    /** Signs what it denies, where there is a key for it. */
    private Authority denying(Authority authority, Optional<SigningKey> key, PrefixTable prefixes, Homes homes) {
        if (key.isEmpty()) {
            return authority;
        }
        DenialSigner signer = new DenialSigner(
                key.get(), prefixes, homes, (int) config.answers().negativeTtl().toSeconds(), clock);
        signer.start();
        return new DenyingAuthority(authority, signer);
    }

    /** Serves its log, where there is a key to sign it with. */
    private Authority logged(Authority authority, RocksRegistry registry, Optional<SigningKey> nodeKey)
            throws IOException {
        List<SigningKey> keys = new ArrayList<>();
        for (Path file : config.log().keys()) {
            keys.add(readKey("log.keys", KeySource.of(file)));
        }
        if (keys.isEmpty()) {
            nodeKey.ifPresent(keys::add);
        }
        if (keys.isEmpty()) {
            return authority;
        }
        List<Prefix> homes = config.node().homes();
        checkpoints = new Checkpoints(
                registry.log(),
                registry,
                homes.isEmpty() ? "" : homes.get(0).text(),
                keys,
                config.log().witnesses(),
                config.log().checkpointEvery());
        checkpoints.start();
        opened.push(checkpoints::close);
        LoggedAuthority logged = new LoggedAuthority(authority, registry.log(), checkpoints);
        opened.push(logged::stopReading);
        return logged;
    }

    /** A number that changes with the prefixes that are served here, and at every call while their changes may not reach this node. */
    private long prefixState() {
        long epoch = changesReachUs.epoch();
        return epoch == NearCacheTrust.NONE
                ? unknownStates.incrementAndGet()
                : epoch * EPOCH_FACTOR + generations.count();
    }

    private void openRemote(Transport transport) throws IOException {
        NodeClientOptions.Builder options = NodeClientOptions.builder().agent(software());
        Optional<TlsFiles> tls = config.registry().tls();
        tls.ifPresent(options::tls);
        for (InetSocketAddress node : config.registry().nodes()) {
            if (tls.isPresent()) {
                options.tlsNode(node.getHostString(), node.getPort());
            } else {
                options.node(node.getHostString(), node.getPort());
            }
        }
        NodeClient client = NodeClient.create(options.build());
        Authority remote = measured(new RemoteAuthority(client, clock));
        opened.push(remote::close);
        registryInfo = () -> NodeInfo.newBuilder()
                .setRegistry("remote")
                .setSequence(remote.sequence().join());

        SequenceFloors floors = new SequenceFloors(0);
        if (hasRedis()) {
            redis = RedisCache.ofFollower(redisOptions(), generations, floors, clock, metrics);
        }
        NearCacheTrust trust = redis == null ? () -> NearCacheTrust.NONE : redis.trust();
        changesReachUs = trust;
        NearCacheLink chain = chain(remote, AnswerSource.OTHER_NODE, trust, floors);
        Coherence coherence = new Coherence(chain, generations, floors);
        serve(transport, chain, new CoherentAuthority(remote, coherence), coherence, Optional.empty());
    }

    private Authority measured(Authority authority) {
        return new MeasuredAuthority(
                authority,
                metrics.latency("waymark_registry_read_seconds", "How long the registry took to answer a look-up"));
    }

    private boolean isRemote() {
        return config.registry().kind() == NodeConfig.Registry.Kind.REMOTE;
    }

    private int readThreads() {
        int configured = config.registry().readThreads();
        return configured > 0
                ? configured
                : Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
    }

    private boolean hasRedis() {
        return config.redis().uri().isPresent();
    }

    private RedisCache.Options redisOptions() {
        return new RedisCache.Options(
                config.redis().uri().orElseThrow(),
                config.redis().namespace(),
                config.redis().commandTimeout());
    }

    private NearCacheLink chain(Authority authority, AnswerSource source, NearCacheTrust trust, SequenceFloors floors) {
        Resolver last = new AuthorityLink(authority, source);
        nearCache =
                new NearCache(nearCacheBytes(), config.nearCache().refreshAheadPercent(), generations, trust, clock);
        gauges.show(nearCache);
        return new NearCacheLink(
                nearCache,
                redis == null ? last : redis.link(last),
                config.answers().maxStale().toMillis(),
                clock);
    }

    private void serve(
            Transport transport,
            NearCacheLink chain,
            Authority authority,
            Coherence coherence,
            Optional<RecordCounter> records)
            throws IOException {
        if (redis != null) {
            redis.start(coherence::changedInRedis);
            opened.push(redis::close);
        }
        Resolver resolver = new SelectionLink(recursion == null ? chain : recursion.link(chain));
        protobuf = new ProtobufEndpoint(
                config.protobuf().endpoint(),
                transport,
                new ChainLink(resolver, clock),
                recursion == null ? nearCache : new OwnReadyAnswers(nearCache),
                authority,
                this::info,
                metrics);
        Figures figures = new Figures(
                config.node().dataDir(),
                metrics,
                this::info,
                records,
                config.operations().timeZone(),
                clock);
        // Counts on until the faces have answered what they had read.
        opened.push(figures::close);
        protobuf.start();
        opened.push(() -> protobuf.stop(config.shutdown().drain()));
        if (config.handle().enabled()) {
            Optional<Path> keyFile = config.handle().certificationKey();
            CertificationKey key = keyFile.isPresent() ? CertificationKey.read(keyFile.get()) : null;
            Optional<HandleEndpoint.OnBehalf> onBehalf =
                    nodeKey().map(signing -> new HandleEndpoint.OnBehalf(authority, signing));
            handle = new HandleEndpoint(config.handle(), transport, resolver, nearCache, key, onBehalf, metrics, clock);
            opened.push(() -> handle.stop(config.shutdown().drain()));
            handle.start();
        }
        if (config.http().enabled()) {
            serveHttp(transport, resolver, authority);
        }
        figures.start();
        operate(transport, figures);
    }

    private void operate(Transport transport, Figures figures) throws IOException {
        gauges.show(this::info, Optional.ofNullable(redis), figures.faults());
        gauges.showProcess(software(), config.node().dataDir());
        operations = new OperationsPort(
                config.operations().host(),
                config.operations().port(),
                config.operations().tls(),
                transport,
                meters instanceof PrometheusMeterRegistry prometheus ? Optional.of(prometheus) : Optional.empty(),
                this::info,
                new Console(metrics, this::info, figures, nearCache::size, clock),
                backups);
        opened.push(operations::close);
        operations.start();
    }

    private void serveHttp(Transport transport, Resolver resolver, Authority authority) throws IOException {
        HttpFace face = new HttpFace(
                resolver,
                authority,
                anchors(),
                config.http().publicUrl(),
                config.http().maxUploadBytes(),
                clock);
        opened.push(face::close);
        Router routes = face.addTo(Router.builder()).build();
        http = new WebServer(config.http().web(), transport, routes, new HttpMetrics(metrics.face(Face.HTTP)));
        http.start();
        opened.push(() -> http.stop(config.shutdown().drain()));
    }

    /** What pages verify from: a recursive node shows what others signed, too. */
    private Set<Anchor> anchors() {
        Set<Anchor> anchors = new HashSet<>(config.node().roots());
        if (recursion != null) {
            anchors.addAll(config.recursion().anchors());
        }
        return anchors;
    }

    /** How the node is. Never blocks. */
    public NodeInfo info() {
        NodeInfo.Builder info = registryInfo.get();
        List<Prefix> homes = config.node().homes();
        return info.setSoftware(software())
                .setProtocolVersion(FrameHeader.PROTOCOL_VERSION)
                .setPrefix(homes.isEmpty() ? "" : homes.get(0).text())
                .setReady(info.getReasonsCount() == 0)
                .setRedis(redis == null ? "none" : redis.isConnected() ? "connected" : "away")
                .setStartedAt(startedAt)
                .build();
    }

    /** Name and version as in the jar's manifest; "development" where it runs from classes. */
    private static String software() {
        String version = Node.class.getPackage().getImplementationVersion();
        return "waymark-node " + (version == null ? "development" : version);
    }

    /** Where the protobuf face listens. */
    public InetSocketAddress address() {
        return protobuf.address();
    }

    /** Where the operations port listens. */
    public InetSocketAddress operationsAddress() {
        return operations.address();
    }

    /** Where the Handle face listens, with TCP and UDP; empty where it is not enabled. */
    public Optional<InetSocketAddress> handleAddress() {
        return Optional.ofNullable(handle).map(HandleEndpoint::address);
    }

    /** Where the HTTP face listens; empty where it is not enabled. */
    public Optional<InetSocketAddress> httpAddress() {
        return Optional.ofNullable(http).map(WebServer::address);
    }

    /** Stops taking requests, answers those that it has, and lets everything go. */
    @Override
    public void close() {
        while (!opened.isEmpty()) {
            opened.pop().run();
        }
    }
}
