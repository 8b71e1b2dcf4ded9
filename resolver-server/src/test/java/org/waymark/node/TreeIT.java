package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.Hop;
import org.waymark.client.NodeClient;
import org.waymark.client.ReferralException;
import org.waymark.client.Registration;
import org.waymark.client.RegistryClient;
import org.waymark.client.Resolution;
import org.waymark.client.ResolveOptions;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.node.TestParties.Party;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeyFile;
import org.waymark.trust.PartyKey;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyRole;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.Outcome;

/**
 * Three nodes as processes: the national one of 88, the secondary one of 88.118, and that of the enterprise 88.118.8. Each holds the
 * prefix records from the anchor down to its own.
 */
class TreeIT {

    @RegisterExtension
    private final NodeProcesses nodes = new NodeProcesses();

    @TempDir
    private Path directory;

    private final Party root = Party.withNewKeys(Suite.ED25519, "88");
    private final Party secondary = Party.withNewKeys(Suite.SM2, "88.118");
    private final Party enterprise = Party.withNewKeys(Suite.ED25519, "88.118.8");
    private final Party hosted = Party.withNewKeys(Suite.ED25519, "88.118.9");
    private final int enterprisePort = freePort();

    private final SigningKey secondaryNodeKey = SigningKey.generate(Suite.SM2);

    private NodeProcess nationalNode;
    private NodeProcess secondaryNode;
    private NodeProcess enterpriseNode;

    @BeforeEach
    void plant() throws IOException {
        Path keys = Files.createDirectories(directory.resolve("secondary").resolve("keys"));
        KeyFile.writePrivate(keys.resolve(NodeSetup.NODE_KEY), secondaryNodeKey);
        int secondaryPort = freePort();
        IdentifierRecord rootRecord = root.sign(root.prefixDraft(root));
        IdentifierRecord secondaryRecord =
                root.sign(secondary.prefixDraft(root, secondaryKeys(), List.of(address(secondaryPort))));
        IdentifierRecord enterpriseRecord =
                secondary.sign(enterprise.prefixDraft(secondary, enterprise.keys(), List.of(address(enterprisePort))));

        nationalNode = serve("national", 0, root);
        register(nationalNode, rootRecord, secondaryRecord, root.sign(root.itemDraft("RULE")));
        secondaryNode = serve("secondary", secondaryPort, secondary);
        register(
                secondaryNode,
                rootRecord,
                secondaryRecord,
                enterpriseRecord,
                secondary.sign(hosted.prefixDraft(secondary)),
                hosted.sign(hosted.itemDraft("VALVE")));
        enterpriseNode = serve("enterprise", enterprisePort, enterprise);
        register(
                enterpriseNode,
                rootRecord,
                secondaryRecord,
                enterpriseRecord,
                enterprise.sign(enterprise.itemDraft("PUMP")));
    }

    /** Among them the one that its node signs denials with. */
    private List<PartyKey> secondaryKeys() {
        List<PartyKey> keys = new ArrayList<>(secondary.keys());
        keys.add(PartyKey.active(secondaryNodeKey.verifyingKey(), Set.of(KeyRole.NODE)));
        return keys;
    }

    private NodeProcess serve(String name, int port, Party home) {
        return nodes.serve(
                directory.resolve(name),
                root.anchor(),
                "node.homes=" + home.prefix().text(),
                "protobuf.port=" + port);
    }

    private static void register(NodeProcess node, IdentifierRecord... records) {
        try (NodeClient client = node.client()) {
            for (IdentifierRecord record : records) {
                Registration registration = new RegistryClient(client)
                        .register(record)
                        .orTimeout(1, TimeUnit.MINUTES)
                        .join();
                assertThat(registration.isStored()).as("%s", registration).isTrue();
            }
        }
    }

    private static NodeAddress address(int port) {
        return NodeAddress.newBuilder()
                .setFace("waymark")
                .setHost("127.0.0.1")
                .setPort(port)
                .build();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ResolverClient client(NodeProcess first) {
        Anchor anchor = root.anchor();
        return ResolverClient.builder()
                .node("127.0.0.1", first.port())
                .anchor(anchor)
                .cachedAnswers(0)
                .requestTimeout(Duration.ofSeconds(30))
                .build();
    }

    private static List<Hop> trace(ResolverClient client, Identifier identifier) {
        List<Hop> hops = new ArrayList<>();
        assertThat(client.resolve(identifier, ResolveOptions.ALL, hops::add).join())
                .isInstanceOf(Resolution.Found.class);
        return hops;
    }

    @Test
    void theWayLeadsFromTheNationalNodeToTheEnterprisesOwn() {
        try (ResolverClient client = client(nationalNode)) {
            assertThat(trace(client, enterprise.identifier("PUMP")))
                    .extracting(Hop::node)
                    .containsExactly(nationalNode.server(), secondaryNode.server(), enterpriseNode.server());
            assertThat(trace(client, enterprise.identifier("PUMP")))
                    .extracting(Hop::node)
                    .containsExactly(enterpriseNode.server());
            assertThat(trace(client, hosted.identifier("VALVE")))
                    .extracting(Hop::node)
                    .containsExactly(secondaryNode.server());
            assertThat(trace(client, root.identifier("RULE")))
                    .extracting(Hop::node)
                    .containsExactly(nationalNode.server());
        }
    }

    @Test
    void theWayMayBeginAtAnyNodeAboveOrAtThePrefix() {
        try (ResolverClient client = client(secondaryNode)) {
            assertThat(trace(client, enterprise.identifier("PUMP"))).hasSize(2);
        }
        try (ResolverClient client = client(enterpriseNode)) {
            assertThat(trace(client, enterprise.identifier("PUMP"))).hasSize(1);
            assertThat(trace(client, hosted.identifier("VALVE")))
                    .extracting(hop -> hop.outcome().orElseThrow())
                    .containsExactly(Outcome.REFERRAL, Outcome.RECORD);
            // The record of 88 names no address of the national node.
            assertThat(client.blocking().resolve(root.identifier("RULE")))
                    .isInstanceOf(Resolution.NotResponsible.class);
        }
    }

    @Test
    void aDeadEnterpriseNodeIsNamedAndFoundAgainWhenItIsBack() {
        try (ResolverClient warm = client(nationalNode);
                ResolverClient cold = client(nationalNode)) {
            warm.blocking().resolve(enterprise.identifier("PUMP"));
            enterpriseNode.kill();

            for (ResolverClient client : List.of(warm, cold)) {
                assertThatThrownBy(() -> client.blocking().resolve(enterprise.identifier("PUMP")))
                        .isInstanceOf(ReferralException.class)
                        .hasMessageContaining("the node of vaa:88.118.8 at 127.0.0.1:" + enterprisePort)
                        .extracting(e -> ((ReferralException) e).prefix())
                        .isEqualTo(Prefix.parse("88.118.8"));
                assertThat(client.blocking().resolve(hosted.identifier("VALVE")))
                        .isInstanceOf(Resolution.Found.class);
            }

            enterpriseNode = serve("enterprise", enterprisePort, enterprise);
            for (ResolverClient client : List.of(warm, cold)) {
                await().atMost(Duration.ofMinutes(1)).until(() -> isFound(client));
            }
        }
    }

    private boolean isFound(ResolverClient client) {
        try {
            return client.blocking().resolve(enterprise.identifier("PUMP")) instanceof Resolution.Found;
        } catch (ReferralException e) {
            return false;
        }
    }

    @Test
    void anItemIsRegisteredWhereItsPrefixIsServedAndNowhereElse() {
        for (NodeProcess node : List.of(nationalNode, secondaryNode)) {
            try (NodeClient client = node.client()) {
                assertThat(new RegistryClient(client)
                                .register(enterprise.sign(enterprise.itemDraft("OTHER")))
                                .join()
                                .isStored())
                        .isFalse();
            }
        }
        try (NodeClient client = enterpriseNode.client()) {
            assertThat(new RegistryClient(client)
                            .register(root.sign(root.itemDraft("OTHER")))
                            .join()
                            .isStored())
                    .isFalse();
        }
    }

    @Test
    void thatThereIsNoRecordIsSignedByTheNodeThatServesThePrefix() {
        try (ResolverClient client = client(nationalNode)) {
            for (String cached : List.of("not yet", "from the near cache")) {
                Resolution.NotFound notFound =
                        (Resolution.NotFound) client.blocking().resolve(hosted.identifier("NO-SUCH-PART"));

                assertThat(notFound.isProven()).as(cached).isTrue();
                assertThat(notFound.owner()).isEqualTo("88.118.9");
                assertThat(notFound.proof().orElseThrow().signer()).isEqualTo(secondary.prefix());
            }
            // The enterprise's node has no key for it, and no prefix record down from its own names one.
            assertThat(((Resolution.NotFound) client.blocking().resolve(enterprise.identifier("NO-SUCH-PART")))
                            .isProven())
                    .isFalse();
        }
    }
}
