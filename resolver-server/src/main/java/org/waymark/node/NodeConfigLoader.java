package org.waymark.node;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.waymark.identifier.Prefix;
import org.waymark.node.endpoint.handle.HandleOptions;
import org.waymark.node.endpoint.protobuf.EndpointOptions;
import org.waymark.node.recursive.AddressRange;
import org.waymark.node.recursive.RecursionOptions;
import org.waymark.node.web.WebOptions;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeySource;
import org.waymark.wire.TlsFiles;

/**
 * Puts a node's configuration together: defaults, overridden by a YAML file, overridden by the environment, overridden by
 * assignments from the command line.
 *
 * <p>A key such as {@code nearCache.maxBytes} is {@code maxBytes} in the section {@code nearCache} of the file, {@code
 * WAYMARK_NEARCACHE_MAXBYTES} in the environment, and {@code nearCache.maxBytes=64MiB} as an assignment. Sizes are in bytes, or
 * with KiB, MiB or GiB behind them; the entries of a list are parted by commas outside of the file. Keys that nobody knows are
 * refused; variables of the environment that don't look like a key's are somebody else's.
 */
public final class NodeConfigLoader {

    private static final String FLAG = "flag --set";

    private final Map<String, Setting> settings = new LinkedHashMap<>();

    private NodeConfigLoader() {}

    /**
     * The configuration in effect.
     *
     * @param environment such as {@code System.getenv()}
     * @param assignments {@code key=value} each; the last one for a key holds
     * @throws ConfigException if a key is unknown or a value is not allowed
     */
    public static EffectiveConfig load(Optional<Path> file, Map<String, String> environment, List<String> assignments)
            throws ConfigException {
        NodeConfigLoader loader = new NodeConfigLoader();
        ConfigKeys.ALL.forEach((path, key) -> loader.settings.put(path, new Setting(key.defaults(), Setting.DEFAULT)));
        if (file.isPresent()) {
            loader.settings.putAll(ConfigFile.read(file.get()));
        }
        loader.addEnvironment(environment);
        loader.addAssignments(assignments);
        return new EffectiveConfig(loader.build(), loader.settings);
    }

    private void addEnvironment(Map<String, String> environment) throws ConfigException {
        Map<String, ConfigKey<?>> byVariable = new LinkedHashMap<>();
        ConfigKeys.ALL.values().forEach(key -> byVariable.put(key.variable(), key));
        for (Map.Entry<String, String> entry : new TreeMap<>(environment).entrySet()) {
            String name = entry.getKey();
            ConfigKey<?> key = byVariable.get(name);
            if (key != null) {
                settings.put(key.path(), Setting.ofText(key, entry.getValue(), "environment " + name));
            } else if (byVariable.keySet().stream().anyMatch(known -> isMeantFor(known, name))) {
                throw new ConfigException("environment: " + KnownKeys.unknownVariable(name));
            }
        }
    }

    /**
     * True where the variable has the known one's section and one word behind it, or the known one's own letters. Others, such as
     * {@code WAYMARK_NODE_JAVA_OPTS} or {@code WAYMARK_REDIS_SERVICE_HOST}, are set by launchers and orchestrators.
     */
    private static boolean isMeantFor(String known, String variable) {
        int word = known.indexOf('_', ConfigKeys.VARIABLE_PREFIX.length()) + 1;
        if (!variable.startsWith(known.substring(0, word))) {
            return false;
        }
        String rest = variable.substring(word);
        return rest.indexOf('_') < 0 || rest.replace("_", "").equals(known.substring(word));
    }

    private void addAssignments(List<String> assignments) throws ConfigException {
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new ConfigException(FLAG + " takes KEY=VALUE, such as protobuf.port=2640");
            }
            String path = assignment.substring(0, equals);
            ConfigKey<?> key = ConfigKeys.ALL.get(path);
            if (key == null) {
                throw new ConfigException(FLAG + ": " + KnownKeys.unknown(path));
            }
            settings.put(path, Setting.ofText(key, assignment.substring(equals + 1), FLAG));
        }
    }

    private <T> T get(ConfigKey<T> key) throws ConfigException {
        Setting setting = settings.get(key.path());
        try {
            return key.parser().parse(setting.texts());
        } catch (IllegalArgumentException e) {
            String shown = key.isSecret() ? "" : " is \"" + String.join(", ", setting.texts()) + "\"";
            throw new ConfigException(key.path() + shown + " (" + setting.origin() + "): " + e.getMessage());
        }
    }

    private NodeConfig build() throws ConfigException {
        NodeConfig.Node node = node();
        if (settings.get(ConfigKeys.REGISTRY_PATH.path()).origin().equals(Setting.DEFAULT)) {
            String path = node.dataDir().resolve("registry").toString();
            settings.put(ConfigKeys.REGISTRY_PATH.path(), new Setting(List.of(path), Setting.DEFAULT));
        }
        return new NodeConfig(
                node,
                protobuf(),
                handle(),
                http(),
                registry(),
                new NodeConfig.Redis(
                        get(ConfigKeys.REDIS_URI), get(ConfigKeys.REDIS_TIMEOUT), get(ConfigKeys.REDIS_NAMESPACE)),
                new NodeConfig.NearCache(get(ConfigKeys.NEAR_CACHE_BYTES), get(ConfigKeys.REFRESH_AHEAD)),
                new NodeConfig.Answers(get(ConfigKeys.NEGATIVE_TTL), get(ConfigKeys.MAX_STALE)),
                recursion(node),
                new NodeConfig.Log(
                        get(ConfigKeys.LOG_KEYS), get(ConfigKeys.LOG_CHECKPOINT), get(ConfigKeys.LOG_WITNESSES)),
                new NodeConfig.Operations(
                        get(ConfigKeys.OPERATIONS_HOST),
                        get(ConfigKeys.OPERATIONS_PORT),
                        tls(ConfigKeys.OPERATIONS_TLS),
                        get(ConfigKeys.TIME_ZONE)),
                new NodeConfig.Backup(get(ConfigKeys.BACKUP_DIRECTORY), get(ConfigKeys.BACKUP_KEEP)),
                new NodeConfig.Shutdown(get(ConfigKeys.DRAIN)),
                new NodeConfig.Logging(get(ConfigKeys.LOG_LEVEL), get(ConfigKeys.LOG_FORMAT)));
    }

    private NodeConfig.Node node() throws ConfigException {
        Path dataDir = get(ConfigKeys.DATA_DIR);
        List<Anchor> roots = get(ConfigKeys.ROOTS);
        List<Prefix> homes = get(ConfigKeys.HOMES);
        Path usualKey = dataDir.resolve("keys").resolve(NodeSetup.NODE_KEY);
        Optional<KeySource> key = get(ConfigKeys.NODE_KEY);
        return new NodeConfig.Node(
                dataDir,
                roots,
                homes.isEmpty() ? roots.stream().map(Anchor::prefix).distinct().toList() : homes,
                key.isEmpty() && Files.exists(usualKey) ? Optional.of(KeySource.of(usualKey)) : key,
                get(ConfigKeys.NODE_KEY_PASSPHRASE));
    }

    private RecursionOptions recursion(NodeConfig.Node node) throws ConfigException {
        List<Anchor> anchors = get(ConfigKeys.RECURSION_ANCHORS);
        List<List<AddressRange>> clients = get(ConfigKeys.RECURSION_CLIENTS);
        RecursionOptions recursion = new RecursionOptions(
                get(ConfigKeys.RECURSION),
                get(ConfigKeys.RECURSION_NODES),
                anchors.isEmpty() ? node.roots() : anchors,
                clients.stream().flatMap(List::stream).toList(),
                get(ConfigKeys.RECURSION_IN_FLIGHT),
                get(ConfigKeys.RECURSION_CLIENT_IN_FLIGHT),
                get(ConfigKeys.RECURSION_RATE),
                get(ConfigKeys.RECURSION_TIMEOUT),
                get(ConfigKeys.RECURSION_STALE),
                get(ConfigKeys.RECURSION_BACK_OFF),
                get(ConfigKeys.RECURSION_CACHE_BYTES));
        String why = "recursion.enabled is true ("
                + settings.get(ConfigKeys.RECURSION.path()).origin() + "), so ";
        if (recursion.enabled() && recursion.nodes().isEmpty()) {
            throw new ConfigException(why + "recursion.nodes must name one host:port or more, to begin with");
        }
        if (recursion.enabled() && recursion.anchors().isEmpty()) {
            throw new ConfigException(
                    why + "recursion.anchors, or node.roots, must say what answers are verified from");
        }
        return recursion;
    }

    private NodeConfig.Protobuf protobuf() throws ConfigException {
        EndpointOptions endpoint = new EndpointOptions(
                get(ConfigKeys.HOST),
                get(ConfigKeys.PORT),
                tls(ConfigKeys.PROTOBUF_TLS),
                get(ConfigKeys.MAX_CONNECTIONS),
                get(ConfigKeys.MAX_CONNECTIONS_PER_SOURCE),
                get(ConfigKeys.MAX_IN_FLIGHT),
                get(ConfigKeys.MAX_BATCH),
                Math.toIntExact(get(ConfigKeys.MAX_FRAME_BYTES)),
                get(ConfigKeys.MAX_UNSENT_BYTES),
                get(ConfigKeys.HELLO),
                get(ConfigKeys.FRAME),
                get(ConfigKeys.IDLE));
        return new NodeConfig.Protobuf(get(ConfigKeys.TRANSPORT), get(ConfigKeys.EVENT_LOOPS), endpoint);
    }

    private HandleOptions handle() throws ConfigException {
        HandleOptions handle = new HandleOptions(
                get(ConfigKeys.HANDLE_ENABLED),
                get(ConfigKeys.HANDLE_HOST),
                get(ConfigKeys.HANDLE_PORT),
                tls(ConfigKeys.HANDLE_TLS),
                get(ConfigKeys.HANDLE_ADDRESS),
                get(ConfigKeys.HANDLE_KEY),
                get(ConfigKeys.HANDLE_CONNECTIONS),
                get(ConfigKeys.HANDLE_PER_SOURCE),
                get(ConfigKeys.HANDLE_IN_FLIGHT),
                get(ConfigKeys.HANDLE_UNSENT_BYTES),
                get(ConfigKeys.HANDLE_MESSAGE),
                get(ConfigKeys.HANDLE_IDLE),
                get(ConfigKeys.HANDLE_KEEP_ALIVE),
                get(ConfigKeys.HANDLE_UDP),
                Math.toIntExact(get(ConfigKeys.HANDLE_UDP_ANSWER_BYTES)),
                get(ConfigKeys.HANDLE_UDP_RATE));
        if (handle.tls().isPresent() && handle.udp()) {
            throw new ConfigException(
                    "handle.tlsCertificate is set, so handle.udp must be false: UDP has no TLS, and everything"
                            + " asked over it would be in the clear");
        }
        boolean listensEverywhere =
                handle.host().equals("0.0.0.0") || handle.host().equals("::");
        if (handle.enabled() && listensEverywhere && handle.address().isEmpty()) {
            throw new ConfigException("handle.host is " + handle.host() + " ("
                    + settings.get(ConfigKeys.HANDLE_HOST.path()).origin()
                    + "), so handle.address must be the IP address under which clients reach this node");
        }
        return handle;
    }

    private NodeConfig.Http http() throws ConfigException {
        WebOptions web = new WebOptions(
                get(ConfigKeys.HTTP_HOST),
                get(ConfigKeys.HTTP_PORT),
                tls(ConfigKeys.HTTP_TLS),
                get(ConfigKeys.HTTP_MAX_CONNECTIONS),
                get(ConfigKeys.HTTP_MAX_PER_SOURCE),
                get(ConfigKeys.HTTP_MAX_PIPELINED),
                Math.toIntExact(get(ConfigKeys.HTTP_MAX_REQUEST_LINE)),
                Math.toIntExact(get(ConfigKeys.HTTP_MAX_HEADER)),
                get(ConfigKeys.HTTP_MAX_UNSENT_BYTES),
                get(ConfigKeys.HTTP_HEADER),
                get(ConfigKeys.HTTP_BODY),
                get(ConfigKeys.HTTP_IDLE));
        return new NodeConfig.Http(
                get(ConfigKeys.HTTP_ENABLED), web, get(ConfigKeys.HTTP_PUBLIC_URL), get(ConfigKeys.HTTP_MAX_UPLOAD));
    }

    /** Empty: no TLS. */
    private Optional<TlsFiles> tls(TlsKeys keys) throws ConfigException {
        Optional<Path> authorities = get(keys.clientAuthorities());
        TlsFiles files = tls(keys.certificate(), keys.key(), authorities);
        if (files.certificate().isPresent()) {
            return Optional.of(files);
        }
        if (authorities.isPresent()) {
            throw new ConfigException(keys.clientAuthorities().path() + " is of use only with TLS: give "
                    + keys.certificate().path() + " and " + keys.key().path() + " too");
        }
        return Optional.empty();
    }

    private TlsFiles tls(
            ConfigKey<Optional<Path>> certificate, ConfigKey<Optional<Path>> key, Optional<Path> authorities)
            throws ConfigException {
        if (get(certificate).isPresent() != get(key).isPresent()) {
            throw new ConfigException(
                    certificate.path() + " and " + key.path() + " belong together: give both, or neither");
        }
        return new TlsFiles(get(certificate), get(key), authorities);
    }

    private Optional<TlsFiles> registryTls() throws ConfigException {
        TlsFiles files =
                tls(ConfigKeys.REGISTRY_CERTIFICATE, ConfigKeys.REGISTRY_KEY, get(ConfigKeys.REGISTRY_AUTHORITIES));
        if (get(ConfigKeys.REGISTRY_TLS)) {
            return Optional.of(files);
        }
        if (!files.equals(TlsFiles.NONE)) {
            throw new ConfigException("registry.tls is not true, so registry.tlsCertificate, registry.tlsKey and"
                    + " registry.tlsAuthorities would be of no use");
        }
        return Optional.empty();
    }

    private NodeConfig.Registry registry() throws ConfigException {
        NodeConfig.Registry registry = new NodeConfig.Registry(
                get(ConfigKeys.REGISTRY_KIND),
                get(ConfigKeys.REGISTRY_PATH),
                get(ConfigKeys.BLOCK_CACHE_BYTES),
                get(ConfigKeys.READ_THREADS),
                get(ConfigKeys.REGISTRY_NODES),
                registryTls());
        if (registry.kind() == NodeConfig.Registry.Kind.REMOTE
                && registry.nodes().isEmpty()) {
            throw new ConfigException("registry.kind is remote ("
                    + settings.get(ConfigKeys.REGISTRY_KIND.path()).origin()
                    + "), so registry.nodes must name one host:port or more");
        }
        return registry;
    }
}
