package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.handle.hdllib.Configuration;
import net.handle.hdllib.FilesystemConfiguration;
import net.handle.hdllib.HandleResolver;
import net.handle.hdllib.Interface;
import net.handle.hdllib.ServerInfo;
import net.handle.hdllib.SiteInfo;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.Anchor;
import org.waymark.v1.RegisterResult;

/** A node in this process with its Handle face on any free port, and what the official client needs to ask it. */
final class HandleNode implements AutoCloseable {

    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Node node;
    private final NodeClient client;

    HandleNode(Path dataDir, Anchor root, String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "node.dataDir=" + dataDir,
                "node.roots=" + root,
                "protobuf.port=0",
                "handle.enabled=true",
                "handle.port=0",
                "http.port=0",
                "operations.port=0",
                "nearCache.maxBytes=8MiB"));
        all.addAll(List.of(settings));
        node = Node.start(NodeConfigLoader.load(Optional.empty(), Map.of(), all).config(), meters);
        client = NodeClient.create(NodeClientOptions.builder()
                .node("127.0.0.1", node.address().getPort())
                .build());
    }

    /** Writes a private key to a file as the node wants it. */
    static Path keyFile(Path file, KeyPair pair) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(
                file,
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(pair.getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
    }

    void register(IdentifierRecord... records) {
        for (IdentifierRecord record : records) {
            RegisterResult result =
                    client.register(List.of(record.encoded())).join().get(0);
            assertThat(result.getCode())
                    .as("%s", result)
                    .isIn(RegisterResult.Code.CREATED, RegisterResult.Code.UPDATED);
        }
    }

    /** Of the protobuf face. */
    InetSocketAddress protobufAddress() {
        return node.address();
    }

    InetAddress address() {
        return node.handleAddress().orElseThrow().getAddress();
    }

    int port() {
        return node.handleAddress().orElseThrow().getPort();
    }

    /** Knows no root, looks nowhere but where it is told to, and keeps nothing. */
    static HandleResolver officialClient(Path configDir) throws IOException {
        Files.createDirectories(configDir);
        Files.writeString(configDir.resolve("config.dct"), "{\n\"auto_update_root_info\" = \"no\"\n}\n");
        HandleResolver resolver = new HandleResolver();
        Configuration configuration = new FilesystemConfiguration(configDir.toFile());
        configuration.setAutoUpdateRootInfo(false);
        resolver.setConfiguration(configuration);
        resolver.setCache(null);
        resolver.setCertifiedCache(null);
        resolver.setTcpTimeout(10_000);
        return resolver;
    }

    /** This node's site, reached by these protocols alone. */
    SiteInfo site(byte... protocols) {
        ServerInfo server = new ServerInfo();
        server.serverId = 1;
        byte[] numbers = new byte[16];
        System.arraycopy(address().getAddress(), 0, numbers, 12, 4);
        server.ipAddress = numbers;
        server.interfaces = new Interface[protocols.length];
        for (int i = 0; i < protocols.length; i++) {
            server.interfaces[i] = new Interface(Interface.ST_QUERY, protocols[i], port());
        }
        SiteInfo site = new SiteInfo();
        site.isPrimary = true;
        site.hashOption = SiteInfo.HASH_TYPE_BY_ALL;
        site.majorProtocolVersion = 2;
        site.minorProtocolVersion = 11;
        site.servers = new ServerInfo[] {server};
        return site;
    }

    @Override
    public void close() {
        client.close();
        node.close();
    }
}
