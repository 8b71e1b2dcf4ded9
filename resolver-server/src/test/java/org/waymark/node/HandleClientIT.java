package org.waymark.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.handle.hdllib.AbstractMessage;
import net.handle.hdllib.AbstractResponse;
import net.handle.hdllib.DeleteHandleRequest;
import net.handle.hdllib.Encoder;
import net.handle.hdllib.GenericRequest;
import net.handle.hdllib.GetSiteInfoResponse;
import net.handle.hdllib.HandleException;
import net.handle.hdllib.HandleResolver;
import net.handle.hdllib.HandleValue;
import net.handle.hdllib.Interface;
import net.handle.hdllib.ResolutionRequest;
import net.handle.hdllib.ResolutionResponse;
import net.handle.hdllib.ServiceReferralResponse;
import net.handle.hdllib.SiteInfo;
import net.handle.hdllib.Util;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.node.TestParties.Party;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.Suite;
import org.waymark.trust.TrustedPrefix;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.SignedRecord;
import org.waymark.v1.Value;

/** The official client of the Handle System against a node. */
class HandleClientIT {

    private static final TestParties PARTIES = new TestParties(Suite.ED25519);

    @TempDir
    private static Path directory;

    /** Three packets. */
    private static final String TEXT = "\u6e56\u5357 hydraulic pump ".repeat(50);

    private static final KeyPair KEY = rsa();
    private static final List<IdentifierRecord> PREFIXES = PARTIES.prefixRecords();

    private static HandleNode node;
    private static HandleNode other;
    private static HandleResolver client;

    @BeforeAll
    static void start() throws Exception {
        Path keyFile = HandleNode.keyFile(directory.resolve("rsa.pem"), KEY);
        node = new HandleNode(directory.resolve("node"), PARTIES.root.anchor(), "handle.certificationKey=" + keyFile);
        PREFIXES.forEach(node::register);
        node.register(PARTIES.maker.sign(PARTIES.maker.itemDraft("PUMP")));
        node.register(PARTIES.maker.sign(PARTIES.maker.emptyItemDraft("MANUAL").value(1, "text", TEXT)));
        node.register(PARTIES.maker.sign(PARTIES.maker.emptyItemDraft("DRAWING").value(1, "text", "x".repeat(50_000))));
        node.register(PARTIES.maker.sign(
                PARTIES.maker.emptyItemDraft("LONG".repeat(400)).value(1, "URL", "https://example.com")));
        Party letters = Party.withNewKeys(Suite.ED25519, "88.118.ABC1");
        node.register(PARTIES.root.sign(letters.prefixDraft(PARTIES.root)));
        node.register(letters.sign(letters.itemDraft("Part")));
        startOther();
        client = HandleNode.officialClient(directory.resolve("client"));
    }

    /** A maker with a node of its own, which the first node refers to. */
    private static void startOther() throws Exception {
        Party maker = Party.withNewKeys(Suite.ED25519, "88.118.21");
        other = new HandleNode(directory.resolve("other"), maker.anchor());
        NodeAddress address = NodeAddress.newBuilder()
                .setFace("handle")
                .setHost(other.address().getHostAddress())
                .setPort(other.port())
                .build();
        other.register(maker.sign(maker.prefixDraft(maker)));
        other.register(maker.sign(maker.itemDraft("COIL")));
        node.register(PARTIES.root.sign(maker.prefixDraft(PARTIES.root, maker.keys(), List.of(address))));
    }

    private static KeyPair rsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2_048);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @AfterAll
    static void stop() {
        other.close();
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
        HandleValue url = ((ResolutionResponse) response).getHandleValues()[0];
        assertThat(url.getDataAsString()).isEqualTo("https://example.com/PUMP");
        assertThat(url.getPermissionString()).isEqualTo("rwr-");
        assertThat(url.getTTLType()).isEqualTo(HandleValue.TTL_TYPE_RELATIVE);
        assertThat(url.getTTL()).isBetween(86_000, 86_400);
        assertThat(url.getTimestampAsDate())
                .isCloseTo(new Date(), Duration.ofMinutes(5).toMillis());
        assertThat(url.getReferences()).isNullOrEmpty();
    }

    @ParameterizedTest
    @ValueSource(bytes = {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP})
    void theCaseOfAPrefixDoesNotMatterAndTheSameAnswerComesFromTheCache(byte protocol) throws Exception {
        for (int i = 0; i < 3; i++) {
            AbstractResponse response = send(request("88.118.ABC1/Part", null), protocol);
            assertThat(values(response)).containsEntry(1, "URL");
            assertThat(values(send(request("88.118.abc1/Part", null), protocol)))
                    .containsEntry(1, "URL");
        }
        assertThat(send(request("88.118.abc1/part", null), protocol).responseCode)
                .isEqualTo(AbstractMessage.RC_HANDLE_NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(bytes = {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP})
    void valuesAreSelectedByIndexAndByType(byte protocol) throws Exception {
        assertThat(values(send(request("88.118.8/PUMP", new int[] {2}), protocol)))
                .containsOnlyKeys(2);
        assertThat(values(send(request("88.118.8/PUMP", null, "URL"), protocol)))
                .containsOnlyKeys(1);
        assertThat(values(send(request("88.118.8/PUMP", new int[] {2}, "URL"), protocol)))
                .containsOnlyKeys(1, 2);
        assertThat(send(request("88.118.8/PUMP", null, "EMAIL"), protocol).responseCode)
                .isEqualTo(AbstractMessage.RC_VALUES_NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(bytes = {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP})
    void whatIsNotThereHasItsCode(byte protocol) throws Exception {
        assertThat(send(request("88.118.8/NO-SUCH-PART", null), protocol).responseCode)
                .isEqualTo(AbstractMessage.RC_HANDLE_NOT_FOUND);
        assertThat(send(request("88.118.8/", null), protocol).responseCode)
                .isEqualTo(AbstractMessage.RC_INVALID_HANDLE);
        assertThat(send(request("20.500.12345/abc", null), protocol).responseCode)
                .isEqualTo(AbstractMessage.RC_SERVER_NOT_RESP);
    }

    @ParameterizedTest
    @ValueSource(bytes = {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP})
    void largeAnswersComeInSeveralPackets(byte protocol) throws Exception {
        AbstractResponse response = send(request("88.118.8/MANUAL", null), protocol);

        HandleValue manual = ((ResolutionResponse) response).getHandleValues()[0];
        assertThat(manual.getDataAsString()).isEqualTo(TEXT);
    }

    /** It is begun only, so the client tries again, and then goes over to TCP. */
    @Test
    void anAnswerThatIsTooLargeForUdpComesOverTcp() throws Exception {
        HandleResolver impatient = HandleNode.officialClient(directory.resolve("impatient"));
        impatient.setUdpRetryScheme(new int[] {100, 100});
        AbstractResponse response = impatient.sendRequestToSite(
                request("88.118.8/DRAWING", null), node.site(Interface.SP_HDL_UDP, Interface.SP_HDL_TCP));

        assertThat(((ResolutionResponse) response).getHandleValues()[0].getData())
                .hasSize(50_000);
    }

    @ParameterizedTest
    @ValueSource(bytes = {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP})
    void requestsComeInSeveralPackets(byte protocol) throws Exception {
        assertThat(values(send(request("88.118.8/" + "LONG".repeat(400), null), protocol)))
                .containsEntry(1, "URL");
    }

    @ParameterizedTest
    @ValueSource(bytes = {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP})
    void theRequestsDigestComesBack(byte protocol) throws Exception {
        ResolutionRequest request = request("88.118.8/PUMP", null);
        request.returnRequestDigest = true;

        AbstractResponse response = send(request, protocol);

        assertThat(values(response)).containsEntry(1, "URL");
        assertThat(response.requestDigest).hasSize(20);
    }

    @ParameterizedTest
    @ValueSource(bytes = {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP})
    void authoritativeAnswersPassTheCaches(byte protocol) throws Exception {
        ResolutionRequest request = request("88.118.8/PUMP", null);
        request.authoritative = true;

        assertThat(values(send(request, protocol))).containsEntry(1, "URL");
    }

    @ParameterizedTest
    @ValueSource(bytes = {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP})
    void thePrefixOfAMakerThatIsHostedHasTheSiteOfThisNode(byte protocol) throws Exception {
        AbstractResponse response = send(request("0.NA/88.118.8", null), protocol);

        assertThat(values(response))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        1,
                        "waymark.prefix",
                        3,
                        "HS_SITE",
                        300,
                        "waymark.key",
                        301,
                        "waymark.key",
                        400,
                        "waymark.proof"));
        SiteInfo site = site(response);
        assertThat(site.servers).hasSize(1);
        assertThat(site.servers[0].getInetAddress()).isEqualTo(node.address());
        assertThat(site.isPrimary).isTrue();
        assertThat(Arrays.stream(site.servers[0].interfaces)
                        .map(face -> face.protocol + ":" + face.port + ":" + face.type))
                .containsExactly("0:" + node.port() + ":2", "1:" + node.port() + ":2");
        assertThat(values(client.sendRequestToSite(request("88.118.8/PUMP", null), site)))
                .containsEntry(1, "URL");
    }

    /** So that its keys can't be shown as such. */
    @Test
    void theOfficialClientHasNoEncodingForTheKeysOfRecords() throws Exception {
        KeyPair ed25519 = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();

        assertThatThrownBy(() -> Util.getBytesFromPublicKey(ed25519.getPublic()))
                .isInstanceOf(HandleException.class);
    }

    private static SiteInfo site(AbstractResponse response) throws Exception {
        HandleValue value = Arrays.stream(((ResolutionResponse) response).getHandleValues())
                .filter(each -> each.getTypeAsString().equals("HS_SITE"))
                .findFirst()
                .orElseThrow();
        return Encoder.decodeSiteInfoRecord(value.getData(), 0);
    }

    @ParameterizedTest
    @ValueSource(bytes = {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP})
    void theNodeSaysWhereItIs(byte protocol) throws Exception {
        GenericRequest request = new GenericRequest("/".getBytes(UTF_8), AbstractMessage.OC_GET_SITE_INFO, null);

        AbstractResponse response = client.sendRequestToSite(request, node.site(protocol), protocol);

        assertThat(response).isInstanceOf(GetSiteInfoResponse.class);
        SiteInfo site = ((GetSiteInfoResponse) response).siteInfo;
        assertThat(site.servers[0].getInetAddress()).isEqualTo(node.address());
        assertThat(site.servers[0].interfaces[0].port).isEqualTo(node.port());
    }

    @ParameterizedTest
    @ValueSource(bytes = {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP})
    void aMakerWithANodeOfItsOwnIsReferredTo(byte protocol) throws Exception {
        AbstractResponse response = send(request("88.118.21/COIL", null), protocol);

        assertThat(response.responseCode).isEqualTo(AbstractMessage.RC_SERVICE_REFERRAL);
        HandleValue[] values = ((ServiceReferralResponse) response).getHandleValues();
        assertThat(values).extracting(HandleValue::getTypeAsString).containsExactly("HS_SITE");
        SiteInfo site = Encoder.decodeSiteInfoRecord(values[0].getData(), 0);
        assertThat(site.servers[0].interfaces[0].port).isEqualTo(other.port());

        ResolutionRequest noReferral = request("88.118.21/COIL", null);
        noReferral.doNotRefer = true;
        assertThat(send(noReferral, protocol).responseCode).isEqualTo(AbstractMessage.RC_SERVER_NOT_RESP);
    }

    @Test
    void aReferralIsFollowed() throws Exception {
        client.getConfiguration().setLocalSites("0.NA/88.118.21", new SiteInfo[] {node.site(Interface.SP_HDL_TCP)});

        AbstractResponse response = client.processRequest(request("88.118.21/COIL", null));

        assertThat(values(response)).containsEntry(1, "URL");
    }

    @Test
    void answersAreCertified() throws Exception {
        for (byte protocol : new byte[] {Interface.SP_HDL_TCP, Interface.SP_HDL_UDP}) {
            GenericRequest where = new GenericRequest("/".getBytes(UTF_8), AbstractMessage.OC_GET_SITE_INFO, null);
            SiteInfo site =
                    ((GetSiteInfoResponse) client.sendRequestToSite(where, node.site(protocol), protocol)).siteInfo;
            assertThat(site.servers[0].getPublicKey()).isEqualTo(KEY.getPublic());
            for (String handle : List.of("88.118.8/PUMP", "88.118.8/NO-SUCH-PART", "88.118.8/MANUAL")) {
                ResolutionRequest request = request(handle, null);
                request.certify = true;
                AbstractResponse response = client.sendRequestToSite(request, site, protocol);
                assertThat(response.signature).isNotEmpty();
                assertThat(response.verifyMessage(KEY.getPublic())).isTrue();
            }
        }
    }

    @Test
    void writesAreRefused() throws Exception {
        DeleteHandleRequest delete = new DeleteHandleRequest("88.118.8/PUMP".getBytes(UTF_8), null);

        AbstractResponse response = client.sendHdlTcpRequest(delete, node.address(), node.port());

        assertThat(response.responseCode).isEqualTo(AbstractMessage.RC_OPERATION_NOT_SUPPORTED);
    }

    @Test
    void theRecordIsVerifiedFromItsHandleValues() throws Exception {
        for (ResolutionRequest request : List.of(
                request("88.118.8/PUMP", null),
                request("88.118.8/PUMP", null, "URL", "waymark.proof"),
                request("88.118.8/PUMP", new int[] {2, 400}))) {
            AbstractResponse response = send(request, Interface.SP_HDL_TCP);
            assertThat(values(response)).containsEntry(400, "waymark.proof");
            SignedRecord.Builder record = SignedRecord.newBuilder();
            for (HandleValue value : ((ResolutionResponse) response).getHandleValues()) {
                if (value.getTypeAsString().equals("waymark.proof")) {
                    record.mergeFrom(value.getData());
                } else {
                    record.addValues(Value.newBuilder()
                            .setIndex(value.getIndex())
                            .setType(value.getTypeAsString())
                            .setData(ByteString.copyFrom(value.getData()))
                            .build()
                            .toByteString());
                }
            }
            IdentifierRecord rebuilt = IdentifierRecord.parse(record.build().toByteString());

            long now = System.currentTimeMillis();
            TrustedPrefix.anchored(PARTIES.root.anchor(), PREFIXES.get(0), new SignatureVerifier(), now)
                    .delegate(PREFIXES.get(1), now)
                    .verify(PARTIES.maker.identifier("PUMP"), rebuilt, now);
        }
    }
}
