package org.waymark.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import net.handle.hdllib.AbstractMessage;
import net.handle.hdllib.AbstractResponse;
import net.handle.hdllib.HandleResolver;
import net.handle.hdllib.HandleValue;
import net.handle.hdllib.Interface;
import net.handle.hdllib.ResolutionRequest;
import net.handle.hdllib.ResolutionResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.trust.Suite;

/** The official client of the Handle System against a node. */
class HandleClientIT {

    private static final TestParties PARTIES = new TestParties(Suite.ED25519);

    @TempDir
    private static Path directory;

    private static HandleNode node;
    private static HandleResolver client;

    @BeforeAll
    static void start() throws Exception {
        node = new HandleNode(directory.resolve("node"), PARTIES.root.anchor());
        PARTIES.prefixRecords().forEach(node::register);
        node.register(PARTIES.maker.sign(PARTIES.maker.itemDraft("PUMP")));
        client = HandleNode.officialClient(directory.resolve("client"));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static ResolutionRequest request(String handle, int[] indexes, String... types) {
        byte[][] encoded =
                Arrays.stream(types).map(type -> type.getBytes(UTF_8)).toArray(byte[][]::new);
        return new ResolutionRequest(handle.getBytes(UTF_8), encoded, indexes, null);
    }

    private static AbstractResponse send(ResolutionRequest request, byte protocol) throws Exception {
        return client.sendRequestToSite(request, node.site(protocol), protocol);
    }

    private static Map<Integer, String> values(AbstractResponse response) throws Exception {
        assertThat(response.responseCode).as("%s", response).isEqualTo(AbstractMessage.RC_SUCCESS);
        return Arrays.stream(((ResolutionResponse) response).getHandleValues())
                .collect(Collectors.toMap(HandleValue::getIndex, HandleValue::getTypeAsString));
    }

    @ParameterizedTest
    @ValueSource(bytes = {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP})
    void anIdentifierIsResolved(byte protocol) throws Exception {
        AbstractResponse response = send(request("88.118.8/PUMP", null), protocol);

        assertThat(values(response))
                .containsExactlyInAnyOrderEntriesOf(Map.of(1, "URL", 2, "model", 400, "waymark.proof"));
    }
}
