package org.waymark.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import net.handle.hdllib.AbstractMessage;
import net.handle.hdllib.AbstractRequest;
import net.handle.hdllib.AbstractResponse;
import net.handle.hdllib.AddValueRequest;
import net.handle.hdllib.AdminRecord;
import net.handle.hdllib.AuthenticationInfo;
import net.handle.hdllib.Common;
import net.handle.hdllib.CreateHandleRequest;
import net.handle.hdllib.DeleteHandleRequest;
import net.handle.hdllib.Encoder;
import net.handle.hdllib.GenericRequest;
import net.handle.hdllib.GetSiteInfoResponse;
import net.handle.hdllib.HandleException;
import net.handle.hdllib.HandleResolver;
import net.handle.hdllib.HandleValue;
import net.handle.hdllib.Interface;
import net.handle.hdllib.ModifyValueRequest;
import net.handle.hdllib.PublicKeyAuthenticationInfo;
import net.handle.hdllib.RemoveValueRequest;
import net.handle.hdllib.ResolutionRequest;
import net.handle.hdllib.ResolutionResponse;
import net.handle.hdllib.SecretKeyAuthenticationInfo;
import net.handle.hdllib.SiteInfo;
import net.handle.hdllib.Util;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.client.BlockingResolverClient;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.node.TestParties.Party;
import org.waymark.record.RecordDraft;
import org.waymark.trust.HandleKey;
import org.waymark.trust.KeyFile;
import org.waymark.trust.OnBehalfException;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyRole;

/** The official client of the Handle System changes records at a node, by whose key they are signed on the registrant's behalf. */
class HandleAdministrationIT {

    private static final TestParties PARTIES = new TestParties(Suite.SM2);

    private static final int RSA_INDEX = 390;
    private static final int DSA_INDEX = 391;
    private static final int STRANGE_INDEX = 392;
    private static final int SHORT_INDEX = 393;

    private static final KeyPair RSA = keyPair("RSA", 2_048);
    private static final KeyPair DSA = keyPair("DSA", 2_048);
    private static final KeyPair SHORT = keyPair("RSA", 1_024);

    @TempDir
    private static Path directory;

    private static HandleNode node;
    private static HandleResolver client;
    private static SiteInfo site;

    @BeforeAll
    static void start() throws Exception {
        Path keyFile = directory.resolve("node.pem");
        KeyFile.writePrivate(keyFile, PARTIES.root.workingKey());
        node = new HandleNode(
                directory.resolve("node"),
                PARTIES.root.anchor(),
                "node.key=" + keyFile,
                "handle.certificationKey=" + HandleNode.keyFile(directory.resolve("rsa.pem"), keyPair("RSA", 2_048)));
        node.register(PARTIES.root.sign(PARTIES.root.prefixDraft(PARTIES.root)));
        List<PartyKey> keys = new ArrayList<>(PARTIES.maker.keys());
        keys.add(PartyKey.active(PARTIES.root.workingKey().verifyingKey(), Set.of(KeyRole.ON_BEHALF)));
        node.register(PARTIES.root.sign(withHandleKeys(PARTIES.maker.prefixDraft(PARTIES.root, keys, List.of()))));
        // Has keys for this protocol, and has allowed nothing.
        node.register(PARTIES.root.sign(withHandleKeys(PARTIES.platform.prefixDraft(PARTIES.root))));
        client = HandleNode.officialClient(directory.resolve("client"));
        // Unless told otherwise it sets a session up first, which this face does not offer.
        client.setSessionTracker(null);
        GenericRequest where = new GenericRequest("/".getBytes(UTF_8), AbstractMessage.OC_GET_SITE_INFO, null);
        site = ((GetSiteInfoResponse) client.sendRequestToSite(where, node.site(Interface.SP_HDL_TCP))).siteInfo;
        for (Party party : List.of(PARTIES.root, PARTIES.maker, PARTIES.platform)) {
            client.getConfiguration().setLocalSites("0.NA/" + party.prefix().canonical(), new SiteInfo[] {site});
        }
    }

    private static RecordDraft.Builder withHandleKeys(RecordDraft.Builder draft) throws HandleException {
        PrefixRecord.describeHandleKeys(draft, List.of(HandleKey.of(RSA.getPublic()), HandleKey.of(DSA.getPublic())));
        return draft.value(STRANGE_INDEX, PrefixRecord.HANDLE_KEY_TYPE, ByteString.copyFromUtf8("\0\0\0\4none"))
                .value(SHORT_INDEX, PrefixRecord.HANDLE_KEY_TYPE, ByteString.copyFrom(bytesOf(SHORT)));
    }

    private static byte[] bytesOf(KeyPair pair) throws HandleException {
        try {
            return Util.getBytesFromPublicKey(pair.getPublic());
        } catch (HandleException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair keyPair(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static AuthenticationInfo by(KeyPair key, int index) {
        return by(PARTIES.maker, key, index);
    }

    private static AuthenticationInfo by(Party party, KeyPair key, int index) {
        return new PublicKeyAuthenticationInfo(
                ("0.NA/" + party.prefix().canonical()).getBytes(UTF_8), index, key.getPrivate());
    }

    private static final AuthenticationInfo MAKER = by(RSA, RSA_INDEX);

    private static byte[] handle(String suffix) {
        return ("88.118.8/" + suffix).getBytes(UTF_8);
    }

    private static HandleValue value(int index, String type, String data) {
        return new HandleValue(index, type.getBytes(UTF_8), data.getBytes(UTF_8));
    }

    private static HandleValue url(String data) {
        return value(1, "URL", data);
    }

    private static CreateHandleRequest creation(String suffix, AuthenticationInfo who, HandleValue... values) {
        return new CreateHandleRequest(handle(suffix), values, who);
    }

    private static int code(AbstractRequest request) throws HandleException {
        return client.processRequest(request).responseCode;
    }

    private static void succeeds(AbstractRequest request) throws HandleException {
        AbstractResponse response = client.processRequest(request);
        assertThat(response.responseCode).as("%s", response).isEqualTo(AbstractMessage.RC_SUCCESS);
    }

    private static Map<Integer, String> data(String suffix) throws HandleException {
        ResolutionRequest request = new ResolutionRequest(handle(suffix), null, null, null);
        request.authoritative = true;
        AbstractResponse response = client.processRequest(request);
        assertThat(response.responseCode).as("%s", response).isEqualTo(AbstractMessage.RC_SUCCESS);
        return Arrays.stream(((ResolutionResponse) response).getHandleValues())
                .filter(value -> value.getIndex() < 400)
                .collect(Collectors.toMap(HandleValue::getIndex, HandleValue::getDataAsString));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "DSA"})
    void theOfficialClientCreatesChangesAndDeletesAHandle(String algorithm) throws Exception {
        AuthenticationInfo who = algorithm.equals("RSA") ? MAKER : by(DSA, DSA_INDEX);
        String suffix = "LIFE-" + algorithm;
        AdminRecord admin = new AdminRecord(
                "0.NA/88.118.8".getBytes(UTF_8),
                RSA_INDEX,
                true,
                true,
                true,
                true,
                true,
                true,
                true,
                true,
                true,
                true,
                true,
                true);
        HandleValue adminValue = new HandleValue(100, Common.STD_TYPE_HSADMIN, Encoder.encodeAdminRecord(admin));

        succeeds(creation(suffix, who, url("https://example.com/1"), adminValue));
        assertThat(data(suffix)).containsEntry(1, "https://example.com/1").containsOnlyKeys(1, 100);
        succeeds(new AddValueRequest(handle(suffix), value(2, "EMAIL", "a@example.com"), who));
        assertThat(data(suffix)).containsEntry(2, "a@example.com").containsOnlyKeys(1, 2, 100);
        succeeds(new ModifyValueRequest(handle(suffix), url("https://example.com/2"), who));
        assertThat(data(suffix)).containsEntry(1, "https://example.com/2").containsOnlyKeys(1, 2, 100);
        succeeds(new RemoveValueRequest(handle(suffix), new int[] {2, 100}, who));
        assertThat(data(suffix)).containsOnlyKeys(1);
        succeeds(new DeleteHandleRequest(handle(suffix), who));
        assertThat(code(new ResolutionRequest(handle(suffix), null, null, null)))
                .isEqualTo(AbstractMessage.RC_HANDLE_NOT_FOUND);
        succeeds(creation(suffix, who, url("https://example.com/3")));
        assertThat(data(suffix)).containsEntry(1, "https://example.com/3");
    }

    @Test
    void whatDoesNotFitTheRecordHasItsCode() throws Exception {
        succeeds(creation("CODES", MAKER, url("https://example.com")));

        assertThat(code(creation("CODES", MAKER, url("x")))).isEqualTo(AbstractMessage.RC_HANDLE_ALREADY_EXISTS);
        assertThat(code(creation("", MAKER, url("x")))).isEqualTo(AbstractMessage.RC_INVALID_HANDLE);
        assertThat(code(new AddValueRequest(handle("CODES"), url("x"), MAKER)))
                .isEqualTo(AbstractMessage.RC_VALUE_ALREADY_EXISTS);
        assertThat(code(new ModifyValueRequest(handle("CODES"), value(2, "URL", "x"), MAKER)))
                .isEqualTo(AbstractMessage.RC_VALUES_NOT_FOUND);
        assertThat(code(new RemoveValueRequest(handle("CODES"), new int[] {1, 2}, MAKER)))
                .isEqualTo(AbstractMessage.RC_VALUES_NOT_FOUND);
        assertThat(code(new AddValueRequest(handle("CODES"), value(400, "waymark.proof", "x"), MAKER)))
                .isEqualTo(AbstractMessage.RC_INVALID_VALUE);
        HandleValue secret = value(3, "URL", "x");
        secret.setAnyoneCanRead(false);
        assertThat(code(new AddValueRequest(handle("CODES"), secret, MAKER)))
                .isEqualTo(AbstractMessage.RC_INVALID_VALUE);
        assertThat(code(new AddValueRequest(handle("NO-SUCH-PART"), url("x"), MAKER)))
                .isEqualTo(AbstractMessage.RC_HANDLE_NOT_FOUND);
        assertThat(code(new DeleteHandleRequest(handle("NO-SUCH-PART"), MAKER)))
                .isEqualTo(AbstractMessage.RC_HANDLE_NOT_FOUND);
        assertThat(data("CODES")).containsOnly(Map.entry(1, "https://example.com"));

        CreateHandleRequest over = creation("CODES", MAKER, url("https://example.com/over"));
        over.overwriteWhenExists = true;
        succeeds(over);
        assertThat(data("CODES")).containsOnly(Map.entry(1, "https://example.com/over"));
    }

    @Test
    void whoDoesNotProveItselfIsRefusedByItsCode() throws Exception {
        assertThat(code(creation("MINE", by(keyPair("RSA", 2_048), RSA_INDEX), url("x"))))
                .isEqualTo(AbstractMessage.RC_AUTHENTICATION_FAILED);
        assertThat(code(creation("MINE", by(RSA, DSA_INDEX), url("x"))))
                .isEqualTo(AbstractMessage.RC_AUTHENTICATION_FAILED);
        assertThat(code(creation("MINE", by(RSA, STRANGE_INDEX), url("x")))).isEqualTo(AbstractMessage.RC_AUTHEN_ERROR);
        assertThat(code(creation("MINE", by(SHORT, SHORT_INDEX), url("x")))).isEqualTo(AbstractMessage.RC_AUTHEN_ERROR);
        // An Ed25519 or SM2 key of the prefix stands there, which the client could not sign with.
        assertThat(code(creation("MINE", by(RSA, 300), url("x")))).isEqualTo(AbstractMessage.RC_AUTHEN_ERROR);
        assertThat(code(creation(
                        "MINE",
                        new SecretKeyAuthenticationInfo(
                                "0.NA/88.118.8".getBytes(UTF_8), RSA_INDEX, "secret".getBytes(UTF_8)),
                        url("x"))))
                .isEqualTo(AbstractMessage.RC_AUTHEN_ERROR);
        assertThat(code(creation("MINE", by(PARTIES.platform, RSA, RSA_INDEX), url("x"))))
                .isEqualTo(AbstractMessage.RC_INVALID_ADMIN);
        assertThat(code(new ResolutionRequest(handle("MINE"), null, null, null)))
                .isEqualTo(AbstractMessage.RC_HANDLE_NOT_FOUND);
    }

    @Test
    void aPrefixThatHasNotAllowedItIsNotSignedFor() throws Exception {
        CreateHandleRequest request = new CreateHandleRequest(
                "88.118.900/X".getBytes(UTF_8), new HandleValue[] {url("x")}, by(PARTIES.platform, RSA, RSA_INDEX));

        assertThat(code(request)).isEqualTo(AbstractMessage.RC_INSUFFICIENT_PERMISSIONS);
        DeleteHandleRequest ofThePrefix = new DeleteHandleRequest("0.NA/88.118.8".getBytes(UTF_8), MAKER);
        assertThat(client.sendRequestToSite(ofThePrefix, site).responseCode)
                .isEqualTo(AbstractMessage.RC_INSUFFICIENT_PERMISSIONS);
    }

    @Test
    void changesAtOnceAreAllMade() throws Exception {
        succeeds(creation("MANY", MAKER, url("https://example.com")));
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<Integer>> codes = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                AddValueRequest request = new AddValueRequest(handle("MANY"), value(10 + i, "n", "x"), MAKER);
                codes.add(threads.submit(() -> code(request)));
            }
            for (Future<Integer> code : codes) {
                assertThat(code.get()).isEqualTo(AbstractMessage.RC_SUCCESS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(data("MANY")).containsOnlyKeys(1, 10, 11, 12);
    }

    @Test
    void theRecordShowsWhoSignedItAndAClientMayRefuseThat() throws Exception {
        succeeds(creation("SHOWN", MAKER, url("https://example.com")));
        node.register(PARTIES.maker.sign(PARTIES.maker.itemDraft("OWN")));

        try (ResolverClient any = sdk(ResolverClient.builder());
                ResolverClient strict = sdk(ResolverClient.builder().refuseOnBehalf())) {
            Resolution.Found shown = found(any.blocking(), "SHOWN");
            assertThat(shown.isOnBehalf()).isTrue();
            assertThat(shown.record().keyId())
                    .isEqualTo(PARTIES.root.workingKey().id().bytes());
            assertThat(found(any.blocking(), "OWN").isOnBehalf()).isFalse();
            assertThat(found(strict.blocking(), "OWN").isOnBehalf()).isFalse();
            assertThatThrownBy(() ->
                            strict.resolve(PARTIES.maker.identifier("SHOWN")).join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(OnBehalfException.class);
        }
    }

    private static ResolverClient sdk(ResolverClient.Builder builder) {
        return builder.node("127.0.0.1", node.protobufAddress().getPort())
                .anchor(PARTIES.root.anchor())
                .build();
    }

    private static Resolution.Found found(BlockingResolverClient resolver, String suffix) {
        return (Resolution.Found) resolver.resolve(PARTIES.maker.identifier(suffix));
    }
}
