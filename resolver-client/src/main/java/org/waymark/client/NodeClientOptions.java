package org.waymark.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.waymark.wire.TlsFiles;

/** How a {@link NodeClient} reaches its nodes. Immutable; made by a {@link Builder}. */
public final class NodeClientOptions {

    /** The port of the protocol. */
    public static final int USUAL_PORT = 2640;

    /** What a node that is spoken to over TLS is written with. */
    static final String TLS_SCHEME = "tls://";

    /** A node's host name or IP literal, its port, and whether it is spoken to over TLS. */
    record Node(String host, int port, boolean tls) {

        @Override
        public String toString() {
            return (tls ? TLS_SCHEME : "") + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    private final List<Node> nodes;
    private final TlsFiles tls;
    private final int connectionsPerNode;
    private final int ioThreads;
    private final int maxQueuedRequests;
    private final Duration connectTimeout;
    private final Duration requestTimeout;
    private final Duration firstBackOff;
    private final Duration longestBackOff;
    private final boolean recursion;
    private final String agent;

    private NodeClientOptions(Builder builder) {
        this.nodes = List.copyOf(builder.nodes);
        this.tls = builder.tls;
        this.connectionsPerNode = builder.connectionsPerNode;
        this.ioThreads = builder.ioThreads;
        this.maxQueuedRequests = builder.maxQueuedRequests;
        this.connectTimeout = builder.connectTimeout;
        this.requestTimeout = builder.requestTimeout;
        this.firstBackOff = builder.firstBackOff;
        this.longestBackOff = builder.longestBackOff;
        this.recursion = builder.recursion;
        this.agent = builder.agent;
    }

    public static Builder builder() {
        return new Builder();
    }

    List<Node> nodes() {
        return nodes;
    }

    /** For the nodes that are spoken to over TLS. */
    TlsFiles tls() {
        return tls;
    }

    int connectionsPerNode() {
        return connectionsPerNode;
    }

    int ioThreads() {
        return ioThreads;
    }

    int maxQueuedRequests() {
        return maxQueuedRequests;
    }

    Duration connectTimeout() {
        return connectTimeout;
    }

    Duration requestTimeout() {
        return requestTimeout;
    }

    Duration firstBackOff() {
        return firstBackOff;
    }

    Duration longestBackOff() {
        return longestBackOff;
    }

    boolean recursion() {
        return recursion;
    }

    String agent() {
        return agent;
    }

    /** Collects options. Not safe for use by many threads. */
    public static final class Builder {

        private static final int AGENT_BYTES = 128;
        private static final Duration LONGEST = Duration.ofHours(1);

        private final List<Node> nodes = new ArrayList<>();
        private TlsFiles tls = TlsFiles.NONE;
        private int connectionsPerNode = 2;
        private int ioThreads = 1;
        private int maxQueuedRequests = 65_536;
        private Duration connectTimeout = Duration.ofSeconds(2);
        private Duration requestTimeout = Duration.ofSeconds(5);
        private Duration firstBackOff = Duration.ofMillis(50);
        private Duration longestBackOff = Duration.ofSeconds(10);
        private boolean recursion = true;
        private String agent = "waymark-java";

        private Builder() {}

        /**
         * Adds a node. The first one that can be reached is used, in the order in which they were added.
         *
         * @param host name or IP literal
         * @param port 1 to 65,535
         */
        public Builder node(String host, int port) {
            return node(host, port, false);
        }

        /**
         * The same for a node that is spoken to over TLS: its certificate must be of this host, and lead to an authority that is
         * believed; see {@link #tls}.
         */
        public Builder tlsNode(String host, int port) {
            return node(host, port, true);
        }

        private Builder node(String host, int port, boolean overTls) {
            if (host.isBlank()) {
                throw new IllegalArgumentException("the host of a node must not be empty");
            }
            nodes.add(new Node(host, inRange("the port of " + host, port, 1, 65_535), overTls));
            return this;
        }

        /**
         * What this client shows and believes where it speaks TLS. Files that are replaced are read again. Unless set, it shows no
         * certificate and believes the authorities that the JVM knows.
         */
        public Builder tls(TlsFiles files) {
            tls = files;
            return this;
        }

        /**
         * Adds nodes written as {@code host}, {@code host:port} or {@code [IPv6]:port}, separated by commas; with {@code tls://} in
         * front, one that is spoken to over TLS. The port is {@value #USUAL_PORT} where none is given.
         */
        public Builder nodes(String list) {
            for (String text : list.split(",")) {
                String whole = text.strip();
                boolean overTls = whole.startsWith(TLS_SCHEME);
                String node = overTls ? whole.substring(TLS_SCHEME.length()) : whole;
                if (node.contains("/")) {
                    throw new IllegalArgumentException(
                            "a node is written host:port or tls://host:port, not \"" + whole + "\"");
                }
                int colon = node.lastIndexOf(':');
                boolean bareIpv6 = node.indexOf(':') != colon && !node.startsWith("[");
                boolean hasPort = colon > node.lastIndexOf(']') && !bareIpv6;
                String host = hasPort ? node.substring(0, colon) : node;
                if (host.startsWith("[") && host.endsWith("]")) {
                    host = host.substring(1, host.length() - 1);
                }
                try {
                    node(host, hasPort ? Integer.parseInt(node.substring(colon + 1)) : USUAL_PORT, overTls);
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException(
                            "a node is written host:port or tls://host:port, not \"" + whole + "\"", e);
                }
            }
            return this;
        }

        /** Connections to the node in use: 1 to 64, 2 unless set. */
        public Builder connectionsPerNode(int connections) {
            connectionsPerNode = inRange("connectionsPerNode", connections, 1, 64);
            return this;
        }

        /** Threads that read and write the connections: 1 to 64, 1 unless set. */
        public Builder ioThreads(int threads) {
            ioThreads = inRange("ioThreads", threads, 1, 64);
            return this;
        }

        /** Requests that may be under way or wait on one connection: 1 to 10,000,000, 65,536 unless set. */
        public Builder maxQueuedRequests(int requests) {
            maxQueuedRequests = inRange("maxQueuedRequests", requests, 1, 10_000_000);
            return this;
        }

        /** How long connecting and greeting may take: 1 ms to 1 h, 2 s unless set. */
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = inRange("connectTimeout", timeout);
            return this;
        }

        /** How long a request may take with all its waiting and its retry: 1 ms to 1 h, 5 s unless set. */
        public Builder requestTimeout(Duration timeout) {
            requestTimeout = inRange("requestTimeout", timeout);
            return this;
        }

        /** The longest pause between attempts to reach a node that is away: 1 ms to 1 h, 10 s unless set. */
        public Builder longestBackOff(Duration pause) {
            longestBackOff = inRange("longestBackOff", pause);
            return this;
        }

        /** The pause after the first failed attempt to reach a node; it doubles with each further one: 1 ms to 1 h, 50 ms unless set. */
        public Builder firstBackOff(Duration pause) {
            firstBackOff = inRange("firstBackOff", pause);
            return this;
        }

        /** Asks the nodes to answer by themselves, also where they are set up to ask other nodes. */
        public Builder withoutRecursion() {
            recursion = false;
            return this;
        }

        /** Name and version of the software, for the node's operator: at most 128 bytes. */
        public Builder agent(String name) {
            inRange("the length of agent", name.getBytes(StandardCharsets.UTF_8).length, 1, AGENT_BYTES);
            agent = name;
            return this;
        }

        /**
         * @throws IllegalArgumentException if there is no node
         */
        public NodeClientOptions build() {
            if (nodes.isEmpty()) {
                throw new IllegalArgumentException("at least one node is needed");
            }
            return new NodeClientOptions(this);
        }

        private static int inRange(String what, int number, int lowest, int highest) {
            if (number < lowest || number > highest) {
                throw new IllegalArgumentException(what + " must be " + lowest + " to " + highest + ", not " + number);
            }
            return number;
        }

        private static Duration inRange(String what, Duration duration) {
            if (duration.compareTo(Duration.ofMillis(1)) < 0 || duration.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(what + " must be 1 ms to 1 h, not " + duration);
            }
            return duration;
        }
    }
}
