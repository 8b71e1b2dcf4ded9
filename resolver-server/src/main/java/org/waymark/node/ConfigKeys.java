package org.waymark.node;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.event.Level;
import org.waymark.Limits;
import org.waymark.client.NodeClientOptions;
import org.waymark.identifier.Prefix;
import org.waymark.log.NoteKey;
import org.waymark.node.ConfigKey.Parser;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.endpoint.handle.HandleOptions;
import org.waymark.node.endpoint.protobuf.EndpointOptions;
import org.waymark.node.recursive.AddressRange;
import org.waymark.node.registry.RegistryBackups;
import org.waymark.node.web.WebOptions;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeySource;

/** The keys of the configuration, with their defaults and ranges. */
final class ConfigKeys {

    static final String VARIABLE_PREFIX = "WAYMARK_";

    private static final long MIB = 1_024 * 1_024;
    private static final long TIB = MIB * MIB;
    private static final Map<String, Long> UNITS = Map.of("", 1L, "KiB", 1_024L, "MiB", MIB, "GiB", 1_024 * MIB);
    private static final Pattern BYTES = Pattern.compile("(\\d{1,15}) ?(|KiB|MiB|GiB)");
    private static final Pattern HOST_AND_PORT = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^:\\s]+):(\\d{1,5})");
    private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern REDIS_URI_FORM =
            Pattern.compile("(redis|rediss|redis-sentinel)://([^/?#]*@)?[^/?#@]+([/?#].*)?");
    private static final Pattern PUBLIC_URL_FORM = Pattern.compile("https?://[A-Za-z0-9.\\[\\]:-]+");
    private static final Pattern CREDENTIALS = Pattern.compile("(?<=://).*@");

    static final ConfigKey<Path> DATA_DIR = ConfigKey.of("node.dataDir", "./waymark-data", ConfigKeys::path);
    static final ConfigKey<List<Anchor>> ROOTS = ConfigKey.list("node.roots", Anchor::parse);

    /** Empty: the prefixes of the roots. */
    static final ConfigKey<List<Prefix>> HOMES = ConfigKey.list("node.homes", Prefix::parse);
    /** Empty: keys/node.pem below the data directory, where that is there. */
    static final ConfigKey<Optional<KeySource>> NODE_KEY =
            ConfigKey.of("node.key", "", text -> text.isEmpty() ? Optional.empty() : Optional.of(keySource(text)));

    static final ConfigKey<Optional<Path>> NODE_KEY_PASSPHRASE =
            ConfigKey.of("node.keyPassphraseFile", "", ConfigKeys::optionalPath);

    static final ConfigKey<String> HOST = ConfigKey.of("protobuf.host", "127.0.0.1", ConfigKeys::host);
    static final ConfigKey<Integer> PORT = ConfigKey.of("protobuf.port", "2640", number(0, 65_535));
    static final TlsKeys PROTOBUF_TLS = TlsKeys.of("protobuf");
    static final ConfigKey<Transport.Kind> TRANSPORT =
            ConfigKey.of("protobuf.transport", "auto", choice(Transport.Kind.values()));
    static final ConfigKey<Integer> EVENT_LOOPS = ConfigKey.of("protobuf.eventLoops", "0", number(0, 1_024));
    static final ConfigKey<Integer> MAX_CONNECTIONS =
            ConfigKey.of("protobuf.maxConnections", "10000", number(1, 1_000_000));
    static final ConfigKey<Integer> MAX_CONNECTIONS_PER_SOURCE =
            ConfigKey.of("protobuf.maxConnectionsPerSource", "4096", number(1, 1_000_000));
    static final ConfigKey<Integer> MAX_IN_FLIGHT = ConfigKey.of("protobuf.maxInFlight", "1024", number(1, 65_536));
    static final ConfigKey<Integer> MAX_BATCH =
            ConfigKey.of("protobuf.maxBatch", "1000", number(1, Limits.BATCH_ITEMS));
    static final ConfigKey<Long> MAX_FRAME_BYTES = ConfigKey.of(
            "protobuf.maxFrameBytes", "1MiB", bytes(EndpointOptions.LEAST_FRAME_BYTES, Limits.FRAME_BYTES));
    static final ConfigKey<Long> MAX_UNSENT_BYTES =
            ConfigKey.of("protobuf.maxUnsentBytes", "128MiB", bytes(EndpointOptions.LEAST_UNSENT_BYTES, TIB));
    static final ConfigKey<Duration> HELLO = ConfigKey.of("protobuf.helloSeconds", "10", seconds(1, 3_600));
    static final ConfigKey<Duration> FRAME = ConfigKey.of("protobuf.frameSeconds", "30", seconds(1, 3_600));
    static final ConfigKey<Duration> IDLE = ConfigKey.of("protobuf.idleSeconds", "300", seconds(1, 86_400));

    static final ConfigKey<Boolean> HANDLE_ENABLED = ConfigKey.of("handle.enabled", "false", ConfigKeys::flag);
    static final ConfigKey<String> HANDLE_HOST = ConfigKey.of("handle.host", "127.0.0.1", ConfigKeys::host);
    static final ConfigKey<Integer> HANDLE_PORT = ConfigKey.of("handle.port", "2641", number(0, 65_535));
    static final TlsKeys HANDLE_TLS = TlsKeys.of("handle");
    static final ConfigKey<Optional<String>> HANDLE_ADDRESS =
            ConfigKey.of("handle.address", "", ConfigKeys::numericAddress);
    static final ConfigKey<Optional<Path>> HANDLE_KEY =
            ConfigKey.of("handle.certificationKey", "", ConfigKeys::optionalPath);
    static final ConfigKey<Integer> HANDLE_CONNECTIONS =
            ConfigKey.of("handle.maxConnections", "10000", number(1, 1_000_000));
    static final ConfigKey<Integer> HANDLE_PER_SOURCE =
            ConfigKey.of("handle.maxConnectionsPerSource", "4096", number(1, 1_000_000));
    static final ConfigKey<Integer> HANDLE_IN_FLIGHT = ConfigKey.of("handle.maxInFlight", "256", number(1, 65_536));
    static final ConfigKey<Long> HANDLE_UNSENT_BYTES =
            ConfigKey.of("handle.maxUnsentBytes", "64MiB", bytes(HandleOptions.LEAST_UNSENT_BYTES, TIB));
    static final ConfigKey<Duration> HANDLE_MESSAGE = ConfigKey.of("handle.messageSeconds", "10", seconds(1, 3_600));
    static final ConfigKey<Duration> HANDLE_IDLE = ConfigKey.of("handle.idleSeconds", "60", seconds(1, 86_400));
    static final ConfigKey<Duration> HANDLE_KEEP_ALIVE =
            ConfigKey.of("handle.keepAliveSeconds", "300", seconds(1, 86_400));
    static final ConfigKey<Boolean> HANDLE_UDP = ConfigKey.of("handle.udp", "true", ConfigKeys::flag);
    static final ConfigKey<Long> HANDLE_UDP_ANSWER_BYTES = ConfigKey.of(
            "handle.udpMaxAnswerBytes",
            "4KiB",
            bytes(HandleOptions.LEAST_UDP_BYTES, HandleOptions.MOST_UDP_ANSWER_BYTES));
    static final ConfigKey<Long> HANDLE_UDP_RATE =
            ConfigKey.of("handle.udpBytesPerSecond", "256KiB", bytes(HandleOptions.LEAST_UDP_BYTES, 1_024 * MIB));

    static final ConfigKey<Boolean> HTTP_ENABLED = ConfigKey.of("http.enabled", "true", ConfigKeys::flag);
    static final ConfigKey<String> HTTP_HOST = ConfigKey.of("http.host", "127.0.0.1", ConfigKeys::host);
    static final ConfigKey<Integer> HTTP_PORT = ConfigKey.of("http.port", "8080", number(0, 65_535));
    static final TlsKeys HTTP_TLS = TlsKeys.of("http");
    /** Empty: as each request says. */
    static final ConfigKey<Optional<URI>> HTTP_PUBLIC_URL = ConfigKey.of("http.publicUrl", "", ConfigKeys::publicUrl);

    static final ConfigKey<Integer> HTTP_MAX_CONNECTIONS =
            ConfigKey.of("http.maxConnections", "16384", number(1, 1_000_000));
    static final ConfigKey<Integer> HTTP_MAX_PER_SOURCE =
            ConfigKey.of("http.maxConnectionsPerSource", "4096", number(1, 1_000_000));
    static final ConfigKey<Integer> HTTP_MAX_PIPELINED = ConfigKey.of("http.maxPipelined", "64", number(1, 65_536));
    static final ConfigKey<Long> HTTP_MAX_REQUEST_LINE =
            ConfigKey.of("http.maxRequestLineBytes", "16KiB", bytes(1_024, 65_536));
    static final ConfigKey<Long> HTTP_MAX_HEADER = ConfigKey.of("http.maxHeaderBytes", "16KiB", bytes(1_024, 262_144));
    static final ConfigKey<Long> HTTP_MAX_UNSENT_BYTES =
            ConfigKey.of("http.maxUnsentBytes", "64MiB", bytes(WebOptions.LEAST_UNSENT_BYTES, TIB));
    static final ConfigKey<Long> HTTP_MAX_UPLOAD = ConfigKey.of("http.maxUploadBytes", "1GiB", bytes(65_536, TIB));
    static final ConfigKey<Duration> HTTP_HEADER = ConfigKey.of("http.headerSeconds", "10", seconds(1, 3_600));
    static final ConfigKey<Duration> HTTP_BODY = ConfigKey.of("http.bodySeconds", "30", seconds(1, 3_600));
    static final ConfigKey<Duration> HTTP_IDLE = ConfigKey.of("http.idleSeconds", "60", seconds(1, 86_400));

    static final ConfigKey<NodeConfig.Registry.Kind> REGISTRY_KIND =
            ConfigKey.of("registry.kind", "embedded", choice(NodeConfig.Registry.Kind.values()));
    /** Empty: below the data directory. */
    static final ConfigKey<Path> REGISTRY_PATH = ConfigKey.of("registry.path", "", ConfigKeys::path);

    static final ConfigKey<Long> BLOCK_CACHE_BYTES =
            ConfigKey.of("registry.blockCacheBytes", "160MiB", bytes(8 * MIB, TIB));
    static final ConfigKey<Integer> READ_THREADS = ConfigKey.of("registry.readThreads", "0", number(0, 1_024));
    static final ConfigKey<List<InetSocketAddress>> REGISTRY_NODES =
            ConfigKey.list("registry.nodes", ConfigKeys::hostAndPort);
    static final ConfigKey<Boolean> REGISTRY_TLS = ConfigKey.of("registry.tls", "false", ConfigKeys::flag);
    /** Empty: those that the JVM knows. */
    static final ConfigKey<Optional<Path>> REGISTRY_AUTHORITIES =
            ConfigKey.of("registry.tlsAuthorities", "", ConfigKeys::optionalPath);

    static final ConfigKey<Optional<Path>> REGISTRY_CERTIFICATE =
            ConfigKey.of("registry.tlsCertificate", "", ConfigKeys::optionalPath);
    static final ConfigKey<Optional<Path>> REGISTRY_KEY = ConfigKey.of("registry.tlsKey", "", ConfigKeys::optionalPath);

    static final ConfigKey<Optional<String>> REDIS_URI = ConfigKey.secret("redis.uri", "", ConfigKeys::redisUri);
    static final ConfigKey<Duration> REDIS_TIMEOUT =
            ConfigKey.of("redis.commandTimeoutMillis", "100", millis(1, 60_000));
    static final ConfigKey<String> REDIS_NAMESPACE = ConfigKey.of("redis.namespace", "waymark", ConfigKeys::namespace);

    static final ConfigKey<Long> NEAR_CACHE_BYTES = ConfigKey.of("nearCache.maxBytes", "256MiB", bytes(0, TIB));
    static final ConfigKey<Integer> REFRESH_AHEAD = ConfigKey.of("nearCache.refreshAheadPercent", "10", number(0, 90));

    static final ConfigKey<Duration> NEGATIVE_TTL =
            ConfigKey.of("answers.negativeTtlSeconds", "30", seconds(0, 86_400));
    static final ConfigKey<Duration> MAX_STALE =
            ConfigKey.of("answers.maxStaleSeconds", "3600", seconds(0, Limits.TTL_SECONDS));

    static final ConfigKey<Boolean> RECURSION = ConfigKey.of("recursion.enabled", "false", ConfigKeys::flag);
    static final ConfigKey<List<String>> RECURSION_NODES = ConfigKey.list("recursion.nodes", ConfigKeys::node);
    /** Empty: the node's roots. */
    static final ConfigKey<List<Anchor>> RECURSION_ANCHORS = ConfigKey.list("recursion.anchors", Anchor::parse);

    static final ConfigKey<List<List<AddressRange>>> RECURSION_CLIENTS =
            ConfigKey.list("recursion.clients", List.of("127.0.0.0/8", "::1"), ConfigKeys::addressRanges);
    static final ConfigKey<Integer> RECURSION_IN_FLIGHT =
            ConfigKey.of("recursion.maxInFlight", "4096", number(1, 1_000_000));
    static final ConfigKey<Integer> RECURSION_CLIENT_IN_FLIGHT =
            ConfigKey.of("recursion.maxInFlightPerClient", "256", number(1, 1_000_000));
    static final ConfigKey<Integer> RECURSION_RATE =
            ConfigKey.of("recursion.ratePerClient", "1000", number(1, 1_000_000));
    static final ConfigKey<Duration> RECURSION_TIMEOUT =
            ConfigKey.of("recursion.timeoutMillis", "2000", millis(1, 60_000));
    static final ConfigKey<Duration> RECURSION_STALE =
            ConfigKey.of("recursion.staleForSeconds", "86400", seconds(0, Limits.TTL_SECONDS));
    static final ConfigKey<Duration> RECURSION_BACK_OFF =
            ConfigKey.of("recursion.backOffMillis", "5000", millis(1, 3_600_000));
    static final ConfigKey<Long> RECURSION_CACHE_BYTES = ConfigKey.of("recursion.cacheBytes", "64MiB", bytes(0, TIB));

    /** Empty: the node's key. */
    static final ConfigKey<List<Path>> LOG_KEYS = ConfigKey.list("log.keys", ConfigKeys::path);

    static final ConfigKey<Duration> LOG_CHECKPOINT =
            ConfigKey.of("log.checkpointMillis", "1000", millis(100, 3_600_000));
    /** So many that their lines find room in a note of the registry. */
    private static final int MOST_WITNESSES = 16;

    private static final int WITNESS_NAME_BYTES = 100;

    static final ConfigKey<List<NoteKey>> LOG_WITNESSES =
            ConfigKey.list("log.witnesses", MOST_WITNESSES, ConfigKeys::witness);

    static final ConfigKey<String> OPERATIONS_HOST = ConfigKey.of("operations.host", "127.0.0.1", ConfigKeys::host);
    static final ConfigKey<Integer> OPERATIONS_PORT = ConfigKey.of("operations.port", "9464", number(0, 65_535));
    static final TlsKeys OPERATIONS_TLS = TlsKeys.of("operations");
    static final ConfigKey<ZoneId> TIME_ZONE = ConfigKey.of("operations.timeZone", "Asia/Shanghai", ConfigKeys::zone);

    /** Empty: a running node makes no backups. */
    static final ConfigKey<Optional<Path>> BACKUP_DIRECTORY =
            ConfigKey.of("backup.directory", "", ConfigKeys::optionalPath);

    static final ConfigKey<Integer> BACKUP_KEEP =
            ConfigKey.of("backup.keep", "7", number(RegistryBackups.LEAST_KEPT, 10_000));

    static final ConfigKey<Duration> DRAIN = ConfigKey.of("shutdown.drainSeconds", "10", seconds(0, 3_600));

    static final ConfigKey<Level> LOG_LEVEL = ConfigKey.of("logging.level", "WARN", choice(Level.values()));
    static final ConfigKey<LogFormat> LOG_FORMAT = ConfigKey.of("logging.format", "text", choice(LogFormat.values()));

    /** In the order in which they are shown; keys of one section follow each other. */
    static final Map<String, ConfigKey<?>> ALL = byPath(
            DATA_DIR,
            ROOTS,
            HOMES,
            NODE_KEY,
            NODE_KEY_PASSPHRASE,
            HOST,
            PORT,
            PROTOBUF_TLS.certificate(),
            PROTOBUF_TLS.key(),
            PROTOBUF_TLS.clientAuthorities(),
            TRANSPORT,
            EVENT_LOOPS,
            MAX_CONNECTIONS,
            MAX_CONNECTIONS_PER_SOURCE,
            MAX_IN_FLIGHT,
            MAX_BATCH,
            MAX_FRAME_BYTES,
            MAX_UNSENT_BYTES,
            HELLO,
            FRAME,
            IDLE,
            HANDLE_ENABLED,
            HANDLE_HOST,
            HANDLE_PORT,
            HANDLE_TLS.certificate(),
            HANDLE_TLS.key(),
            HANDLE_TLS.clientAuthorities(),
            HANDLE_ADDRESS,
            HANDLE_KEY,
            HANDLE_CONNECTIONS,
            HANDLE_PER_SOURCE,
            HANDLE_IN_FLIGHT,
            HANDLE_UNSENT_BYTES,
            HANDLE_MESSAGE,
            HANDLE_IDLE,
            HANDLE_KEEP_ALIVE,
            HANDLE_UDP,
            HANDLE_UDP_ANSWER_BYTES,
            HANDLE_UDP_RATE,
            HTTP_ENABLED,
            HTTP_HOST,
            HTTP_PORT,
            HTTP_TLS.certificate(),
            HTTP_TLS.key(),
            HTTP_TLS.clientAuthorities(),
            HTTP_PUBLIC_URL,
            HTTP_MAX_CONNECTIONS,
            HTTP_MAX_PER_SOURCE,
            HTTP_MAX_PIPELINED,
            HTTP_MAX_REQUEST_LINE,
            HTTP_MAX_HEADER,
            HTTP_MAX_UNSENT_BYTES,
            HTTP_MAX_UPLOAD,
            HTTP_HEADER,
            HTTP_BODY,
            HTTP_IDLE,
            REGISTRY_KIND,
            REGISTRY_PATH,
            BLOCK_CACHE_BYTES,
            READ_THREADS,
            REGISTRY_NODES,
            REGISTRY_TLS,
            REGISTRY_AUTHORITIES,
            REGISTRY_CERTIFICATE,
            REGISTRY_KEY,
            REDIS_URI,
            REDIS_TIMEOUT,
            REDIS_NAMESPACE,
            NEAR_CACHE_BYTES,
            REFRESH_AHEAD,
            NEGATIVE_TTL,
            MAX_STALE,
            RECURSION,
            RECURSION_NODES,
            RECURSION_ANCHORS,
            RECURSION_CLIENTS,
            RECURSION_IN_FLIGHT,
            RECURSION_CLIENT_IN_FLIGHT,
            RECURSION_RATE,
            RECURSION_TIMEOUT,
            RECURSION_STALE,
            RECURSION_BACK_OFF,
            RECURSION_CACHE_BYTES,
            LOG_KEYS,
            LOG_CHECKPOINT,
            LOG_WITNESSES,
            OPERATIONS_HOST,
            OPERATIONS_PORT,
            OPERATIONS_TLS.certificate(),
            OPERATIONS_TLS.key(),
            OPERATIONS_TLS.clientAuthorities(),
            TIME_ZONE,
            BACKUP_DIRECTORY,
            BACKUP_KEEP,
            DRAIN,
            LOG_LEVEL,
            LOG_FORMAT);

    private ConfigKeys() {}

    private static Map<String, ConfigKey<?>> byPath(ConfigKey<?>... keys) {
        Map<String, ConfigKey<?>> byPath = new LinkedHashMap<>();
        for (ConfigKey<?> key : keys) {
            byPath.put(key.path(), key);
        }
        return byPath;
    }

    /** A Redis URI with stars in place of its user and password. */
    static String maskCredentials(String uri) {
        return CREDENTIALS.matcher(uri).replaceFirst("***@");
    }

    private static Parser<String, Integer> number(int least, int most) {
        return text -> {
            String rule = "a whole number from " + least + " to " + most + " is allowed";
            int number;
            try {
                number = Integer.parseInt(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(rule, e);
            }
            if (number < least || number > most) {
                throw new IllegalArgumentException(rule);
            }
            return number;
        };
    }

    private static Parser<String, Duration> seconds(int least, int most) {
        Parser<String, Integer> number = number(least, most);
        return text -> Duration.ofSeconds(number.parse(text));
    }

    private static Parser<String, Duration> millis(int least, int most) {
        Parser<String, Integer> number = number(least, most);
        return text -> Duration.ofMillis(number.parse(text));
    }

    private static Parser<String, Long> bytes(long least, long most) {
        return text -> {
            Matcher matcher = BYTES.matcher(text);
            long unit = matcher.matches() ? UNITS.get(matcher.group(2)) : 0;
            long number = unit == 0 ? 0 : Long.parseLong(matcher.group(1));
            if (unit == 0 || number > most / unit || number * unit < least) {
                throw new IllegalArgumentException("a size from " + shown(least) + " to " + shown(most)
                        + " is allowed, such as 64MiB (bytes, KiB, MiB or GiB)");
            }
            return number * unit;
        };
    }

    private static String shown(long bytes) {
        for (String unit : List.of("GiB", "MiB", "KiB")) {
            if (bytes >= UNITS.get(unit) && bytes % UNITS.get(unit) == 0) {
                return bytes / UNITS.get(unit) + unit;
            }
        }
        return Long.toString(bytes);
    }

    private static <E extends Enum<E>> Parser<String, E> choice(E[] values) {
        return text -> {
            for (E value : values) {
                if (value.name().equalsIgnoreCase(text)) {
                    return value;
                }
            }
            throw new IllegalArgumentException(Arrays.stream(values)
                            .map(value -> value.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "))
                    + " are allowed");
        };
    }

    private static boolean flag(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("true and false are allowed");
        };
    }

    private static Optional<String> numericAddress(String text) {
        if (!text.isEmpty() && !NetUtil.isValidIpV4Address(text) && !NetUtil.isValidIpV6Address(text)) {
            throw new IllegalArgumentException("an IP address in numbers is allowed, such as 192.0.2.1 or 2001:db8::1");
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    static Optional<Path> optionalPath(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(path(text));
    }

    private static KeySource keySource(String text) {
        try {
            return KeySource.parse(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("a path is needed: " + e.getReason(), e);
        }
    }

    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a path is needed");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("a path is needed: " + e.getReason(), e);
        }
    }

    private static String host(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a host name or an address is needed; 0.0.0.0 stands for all");
        }
        return text;
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("a time zone such as Asia/Shanghai, UTC or +08:00 is allowed", e);
        }
    }

    private static InetSocketAddress hostAndPort(String text) {
        Matcher matcher = HOST_AND_PORT.matcher(text);
        int port = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("host:port is allowed, with a port from 1 to 65535");
        }
        String host = matcher.group(1);
        return InetSocketAddress.createUnresolved(
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
    }

    /** {@code any}, an address, or one with the number of its leading bits that all have in common. */
    static List<AddressRange> addressRanges(String text) {
        if (text.equals("any")) {
            return List.of(AddressRange.of(new byte[4], 0), AddressRange.of(new byte[16], 0));
        }
        String rule =
                "an IP address, one with a number of bits such as 192.0.2.0/24 or 2001:db8::/32, or any is allowed";
        int slash = text.indexOf('/');
        byte[] address = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException(rule);
        }
        int bits = Byte.SIZE * address.length;
        try {
            return List.of(
                    AddressRange.of(address, slash < 0 ? bits : number(0, bits).parse(text.substring(slash + 1))));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(rule, e);
        }
    }

    /** As the client SDK has it. */
    private static String node(String text) {
        NodeClientOptions.builder().nodes(text);
        return text;
    }

    private static NoteKey witness(String text) {
        NoteKey key = NoteKey.parse(text);
        if (key.type() != NoteKey.Type.COSIGNATURE) {
            throw new IllegalArgumentException("the key of a witness is allowed, as \"waymark witness\" prints it");
        }
        if (key.name().getBytes(StandardCharsets.UTF_8).length > WITNESS_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "the name of a witness of at most " + WITNESS_NAME_BYTES + " bytes is allowed");
        }
        return key;
    }

    private static String namespace(String text) {
        if (!NAMESPACE.matcher(text).matches()) {
            throw new IllegalArgumentException("1 to 64 letters, digits, dots, dashes and underscores are allowed");
        }
        return text;
    }

    private static Optional<String> redisUri(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!REDIS_URI_FORM.matcher(text).matches() || !isUri(text)) {
            throw new IllegalArgumentException("a URI such as redis://host:6379, rediss://user:password@host:6379/0 or"
                    + " redis-sentinel://host1,host2/0#primary is allowed");
        }
        return Optional.of(text);
    }

    private static Optional<URI> publicUrl(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!PUBLIC_URL_FORM.matcher(text).matches() || !isUri(text)) {
            throw new IllegalArgumentException("scheme and host are allowed, such as https://id.example.com");
        }
        return Optional.of(URI.create(text));
    }

    private static boolean isUri(String text) {
        try {
            URI.create(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
