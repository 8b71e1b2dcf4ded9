package org.waymark.node.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.node.TestParties;
import org.waymark.node.TestParties.Party;
import org.waymark.node.registry.PrefixTable;
import org.waymark.node.registry.Registrar;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.record.RecordValue;
import org.waymark.trust.Anchor;
import org.waymark.trust.PartyKey;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.trust.TrustedPrefix;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.RegisterResult.Code;

@ParameterizedClass
@EnumSource(Suite.class)
class AuthorityReaderTest {

    private static final int NEGATIVE_TTL_SECONDS = 30;

    @Parameter
    Suite suite;

    @TempDir
    Path directory;

    private final long now = System.currentTimeMillis();
    private TestParties parties;
    private Party root;
    private Party maker;
    private Registry registry;
    private PrefixTable prefixes;
    private Registrar registrar;
    private AuthorityReader reader;

    @BeforeEach
    void registerPrefixes() {
        parties = new TestParties(suite);
        root = parties.root;
        maker = parties.maker;
        registry = RocksRegistry.open(directory.resolve("registry"), RocksOptions.defaults());
        serve(parties.anchors());
        parties.prefixRecords().forEach(this::register);
    }

    @AfterEach
    void closeRegistry() {
        registry.close();
    }

    private void serve(Set<Anchor> roots) {
        prefixes = new PrefixTable(registry);
        registrar = new Registrar(registry, prefixes, roots, Clock.systemUTC());
        reader = readerAt(now, roots, NEGATIVE_TTL_SECONDS);
    }

    private AuthorityReader readerAt(long millis, Set<Anchor> roots, int negativeTtlSeconds) {
        Clock clock = Clock.fixed(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
        return new AuthorityReader(registry, prefixes, roots, negativeTtlSeconds, clock);
    }

    // ---- records --------------------------------------------------------------------------------------------------

    @Test
    void anItemIsAnsweredVerbatim() {
        IdentifierRecord pump = register(maker.sign(maker.itemDraft("PUMP-1")));

        StoredAnswer answer = read("88.118.8/PUMP-1");

        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD);
        assertThat(answer.payload()).isEqualTo(pump.encoded().toByteArray());
        assertThat(answer.sequence()).isEqualTo(registry.lastSequence());
        assertThat(answer.owner()).isEqualTo(prefixKey("88.118.8"));
    }

    @Test
    void theLatestVersionIsAnswered() {
        IdentifierRecord first = register(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord second = register(maker.sign(parties.following(first, maker.itemDraft("PUMP-1"))));

        assertThat(recordOf(read("88.118.8/PUMP-1"))).isEqualTo(second);
    }

    @Test
    void aPrefixIsAnsweredWithItsRecord() {
        StoredAnswer answer = reader.read(prefixKey("88.118.8"));

        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD);
        assertThat(recordOf(answer)).isEqualTo(current(maker));
        assertThat(answer.owner()).isEqualTo(prefixKey("88.118.8"));
    }

    @Test
    void theLongestRegisteredPrefixOwnsTheItem() {
        Party workshop = Party.withNewKeys(suite, "88.118.8.1");
        register(maker.sign(workshop.prefixDraft(maker)));
        IdentifierRecord item = register(workshop.sign(workshop.itemDraft("x")));

        StoredAnswer found = read("88.118.8.1/x");
        StoredAnswer missing = read("88.118.8.1.7.9/x");

        assertThat(recordOf(found)).isEqualTo(item);
        assertThat(found.owner()).isEqualTo(prefixKey("88.118.8.1"));
        assertThat(missing.owner()).isEqualTo(prefixKey("88.118.8.1"));
        assertThat(detailOf(missing).getOwner()).isEqualTo("88.118.8.1");
    }

    @Test
    void anOidMayBeAPrefixAndAnItem() {
        Party oidRoot = Party.withNewKeys(suite, "oid:1.2.156");
        Party oidChild = Party.withNewKeys(suite, "oid:1.2.156.3088");
        serve(Set.of(root.anchor(), oidRoot.anchor()));
        PartyKey both = PartyKey.active(oidRoot.workingKey().verifyingKey(), Set.of(KeyRole.DELEGATE, KeyRole.RECORDS));
        register(oidRoot.sign(oidRoot.prefixDraft(
                oidRoot, List.of(oidRoot.delegatingPartyKey(KeyState.KEY_ACTIVE), both), List.of())));
        IdentifierRecord prefix = register(oidRoot.sign(oidChild.prefixDraft(oidRoot)));
        Identifier identifier = Identifier.parse(Scheme.OID, "1.2.156.3088");
        IdentifierRecord item = register(
                oidRoot.sign(RecordDraft.item(identifier, oidRoot.prefix()).value(1, "URL", "https://example.com")));

        StoredAnswer asPrefix = reader.read(RecordKey.of(RecordKind.PREFIX, Scheme.OID, "1.2.156.3088"));
        StoredAnswer asItem = reader.read(RecordKey.of(RecordKind.ITEM, Scheme.OID, "1.2.156.3088"));

        assertThat(recordOf(asPrefix)).isEqualTo(prefix);
        assertThat(recordOf(asItem)).isEqualTo(item);
        assertThat(asItem.owner()).isEqualTo(RecordKey.of(RecordKind.PREFIX, Scheme.OID, "1.2.156"));
    }

    // ---- values that not everybody may read -----------------------------------------------------------------------

    @Test
    void restrictedValuesAreWithheldAndTheAnswerStillVerifies() {
        String secret = "the price is 4711";
        register(maker.sign(maker.itemDraft("PUMP-1")
                .restrictedValue(
                        3, "price", secret.getBytes(StandardCharsets.UTF_8), List.of(parties.platform.prefix()))));

        StoredAnswer answer = read("88.118.8/PUMP-1");

        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD);
        assertThat(new String(answer.payload(), StandardCharsets.ISO_8859_1)).doesNotContain(secret);
        IdentifierRecord record = recordOf(answer);
        assertThat(record.isPartial()).isTrue();
        assertThat(record.values()).extracting(RecordValue::type).containsExactly("URL", "model");
        trusted(maker).verify(maker.identifier("PUMP-1"), record, now);
    }

    @Test
    void aRecordOfRestrictedValuesOnlyIsAnsweredWithNoneAndStillVerifies() {
        register(maker.sign(maker.emptyItemDraft("PUMP-1")
                .restrictedValue(1, "price", new byte[] {1}, List.of(parties.platform.prefix()))
                .restrictedValue(2, "cost", new byte[] {2}, List.of(parties.platform.prefix()))));

        IdentifierRecord record = recordOf(read("88.118.8/PUMP-1"));

        assertThat(record.values()).isEmpty();
        assertThat(record.valueCount()).isEqualTo(2);
        trusted(maker).verify(maker.identifier("PUMP-1"), record, now);
    }

    @Test
    void aRevokedItemKeepsItsRestrictedValuesToItself() {
        IdentifierRecord first = register(maker.sign(maker.itemDraft("PUMP-1")));
        register(maker.sign(parties.following(first, maker.itemDraft("PUMP-1"))
                .restrictedValue(3, "why", "a secret".getBytes(StandardCharsets.UTF_8), List.of(maker.prefix()))
                .revoked()));

        StoredAnswer answer = read("88.118.8/PUMP-1");

        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD_REVOKED);
        assertThat(new String(answer.payload(), StandardCharsets.ISO_8859_1)).doesNotContain("a secret");
    }

    // ---- revocations ----------------------------------------------------------------------------------------------

    @Test
    void aRevokedItemIsAnsweredWithTheRecordThatSaysSo() {
        IdentifierRecord first = register(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord revoked = register(
                maker.sign(parties.following(first, maker.itemDraft("PUMP-1")).revoked()));

        StoredAnswer answer = read("88.118.8/PUMP-1");

        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD_REVOKED);
        assertThat(recordOf(answer)).isEqualTo(revoked);
        assertThat(answer.owner()).isEqualTo(prefixKey("88.118.8"));
    }

    @Test
    void aRevokedPrefixSilencesEverythingUnderIt() {
        Party workshop = Party.withNewKeys(suite, "88.118.8.1.2");
        register(maker.sign(workshop.prefixDraft(maker)));
        register(maker.sign(maker.itemDraft("PUMP-1")));
        register(workshop.sign(workshop.itemDraft("x")));
        IdentifierRecord revoked = register(root.signWithConsent(
                parties.following(current(maker), maker.prefixDraft(root)).revoked(), maker.delegatingKey()));

        for (RecordKey key : List.of(
                item("88.118.8/PUMP-1"),
                item("88.118.8/never-registered"),
                item("88.118.8.1.2/x"),
                prefixKey("88.118.8"),
                prefixKey("88.118.8.1.2"),
                prefixKey("88.118.8.77"))) {
            StoredAnswer answer = reader.read(key);
            assertThat(answer.outcome()).as("%s", key).isEqualTo(Outcome.RECORD_REVOKED);
            assertThat(recordOf(answer)).isEqualTo(revoked);
        }
        assertThat(reader.read(prefixKey("88.118.900")).outcome()).isEqualTo(Outcome.RECORD);
    }

    @Test
    void aRevokedRootSilencesEverything() {
        register(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord revoked = register(root.sign(
                parties.following(current(root), root.prefixDraft(root)).revoked()));

        for (RecordKey key : List.of(item("88.118.8/PUMP-1"), prefixKey("88.118.8"), prefixKey("88.118"))) {
            assertThat(reader.read(key).outcome()).isEqualTo(Outcome.RECORD_REVOKED);
            assertThat(recordOf(reader.read(key))).isEqualTo(revoked);
        }
    }

    @Test
    void whatARetiredKeySignedStillResolves() {
        register(maker.sign(maker.itemDraft("PUMP-1")));
        renewMaker(maker.delegatingPartyKey(KeyState.KEY_ACTIVE), maker.workingPartyKey(KeyState.KEY_RETIRED));

        StoredAnswer answer = read("88.118.8/PUMP-1");

        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD);
        trusted(maker).verify(maker.identifier("PUMP-1"), recordOf(answer), now);
    }

    @Test
    void whatARevokedKeySignedIsAnsweredWithThePrefixThatSaysSo() {
        register(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord saysSo =
                renewMaker(maker.delegatingPartyKey(KeyState.KEY_ACTIVE), maker.workingPartyKey(KeyState.KEY_REVOKED));

        assertRevokedBy(saysSo, "88.118.8/PUMP-1");
    }

    @Test
    void whatAKeySignedUpToTheTimeOfItsRevocationResolvesIfItWasStoredByThen() {
        IdentifierRecord pump = register(maker.sign(maker.itemDraft("PUMP-1")));
        renewMaker(
                maker.delegatingPartyKey(KeyState.KEY_ACTIVE),
                maker.workingPartyKey(KeyState.KEY_ACTIVE).revokedSince(System.currentTimeMillis()));

        StoredAnswer answer = read("88.118.8/PUMP-1");
        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD);
        assertThat(recordOf(answer)).isEqualTo(pump);
        trusted(maker).verify(maker.identifier("PUMP-1"), pump, now);
    }

    @Test
    void aClaimedTimeBeforeTheRevocationDoesNotHelpWhatWasStoredAfterIt() {
        long hour = 3_600_000;
        register(maker.sign(maker.itemDraft("PUMP-1").issuedAt(now - 2 * hour)));
        IdentifierRecord saysSo = renewMaker(
                maker.delegatingPartyKey(KeyState.KEY_ACTIVE),
                maker.workingPartyKey(KeyState.KEY_ACTIVE).revokedSince(now - hour));

        assertRevokedBy(saysSo, "88.118.8/PUMP-1");
    }

    @Test
    void whatARemovedKeySignedIsAnsweredWithThePrefixThatSaysSo() {
        register(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord saysSo = renewMaker(maker.delegatingPartyKey(KeyState.KEY_ACTIVE));

        assertRevokedBy(saysSo, "88.118.8/PUMP-1");
    }

    @Test
    void whatAKeySignedThatLostItsRoleIsAnsweredWithThePrefixThatSaysSo() {
        register(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord saysSo = renewMaker(
                maker.delegatingPartyKey(KeyState.KEY_ACTIVE),
                PartyKey.active(maker.workingKey().verifyingKey(), Set.of(KeyRole.AUTH)));

        assertRevokedBy(saysSo, "88.118.8/PUMP-1");
    }

    @Test
    void aPrefixThatARevokedKeySignedIsSilenced() {
        SigningKey stolen = SigningKey.generate(suite);
        PartyKey second = PartyKey.active(stolen.verifyingKey(), Set.of(KeyRole.DELEGATE));
        register(root.sign(parties.following(current(root), rootDraft(second))));
        Party shop = Party.withNewKeys(suite, "88.118.77");
        register(new RecordSigner(stolen).sign(shop.prefixDraft(root).build()));
        register(shop.sign(shop.itemDraft("x")));
        assertThat(read("88.118.77/x").outcome()).isEqualTo(Outcome.RECORD);

        IdentifierRecord saysSo =
                register(root.sign(parties.following(current(root), rootDraft(second.in(KeyState.KEY_REVOKED)))));

        assertRevokedBy(saysSo, "88.118.77/x");
        assertThat(recordOf(reader.read(prefixKey("88.118.77")))).isEqualTo(saysSo);
        assertThat(reader.read(prefixKey("88.118.8")).outcome()).isEqualTo(Outcome.RECORD);
    }

    private RecordDraft.Builder rootDraft(PartyKey second) {
        List<PartyKey> keys = List.of(
                root.delegatingPartyKey(KeyState.KEY_ACTIVE), root.workingPartyKey(KeyState.KEY_ACTIVE), second);
        return root.prefixDraft(root, keys, List.of());
    }

    private void assertRevokedBy(IdentifierRecord saysSo, String identifier) {
        StoredAnswer answer = read(identifier);
        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD_REVOKED);
        assertThat(recordOf(answer)).isEqualTo(saysSo);
    }

    // ---- new owners -----------------------------------------------------------------------------------------------

    @Test
    void anItemOfAnEndedEpochIsNotFoundUntilItsNewOwnerSignsIt() {
        IdentifierRecord pump = register(maker.sign(maker.itemDraft("PUMP-1")));
        Party newOwner = Party.withNewKeys(suite, "88.118.8");
        register(root.sign(
                parties.following(current(maker), newOwner.prefixDraft(root)).epoch(2)));

        StoredAnswer ended = read("88.118.8/PUMP-1");
        IdentifierRecord signedAnew = register(newOwner.sign(
                parties.following(pump, newOwner.itemDraft("PUMP-1")).ownerEpoch(2)));

        assertThat(ended.outcome()).isEqualTo(Outcome.NOT_FOUND);
        assertThat(detailOf(ended).getMessage()).contains("epoch");
        assertThat(recordOf(read("88.118.8/PUMP-1"))).isEqualTo(signedAnew);
    }

    @Test
    void aPrefixBelowAnEndedEpochIsNotFound() {
        Party workshop = Party.withNewKeys(suite, "88.118.8.1");
        register(maker.sign(workshop.prefixDraft(maker)));
        register(workshop.sign(workshop.itemDraft("x")));
        register(root.sign(
                parties.following(current(maker), maker.prefixDraft(root)).epoch(2)));

        for (RecordKey key : List.of(item("88.118.8.1/x"), prefixKey("88.118.8.1"), item("88.118.8.1/none"))) {
            StoredAnswer answer = reader.read(key);
            assertThat(answer.outcome()).as("%s", key).isEqualTo(Outcome.NOT_FOUND);
            assertThat(detailOf(answer).getMessage()).contains("vaa:88.118.8.1");
            assertThat(answer.owner()).isEqualTo(prefixKey("88.118.8.1"));
        }
        assertThat(reader.read(prefixKey("88.118.8")).outcome()).isEqualTo(Outcome.RECORD);
    }

    @Test
    void anItemOfTheFormerOwnerIsNotFoundOnceItsPrefixIsRegistered() {
        register(maker.sign(RecordDraft.item(Identifier.parse("88.118.8.1/x"), maker.prefix())));
        Party workshop = Party.withNewKeys(suite, "88.118.8.1");
        register(maker.sign(workshop.prefixDraft(maker)));

        assertThat(read("88.118.8.1/x").outcome()).isEqualTo(Outcome.NOT_FOUND);
    }

    // ---- referrals ------------------------------------------------------------------------------------------------

    @Test
    void aPrefixWithANodeOfItsOwnIsReferredTo() {
        register(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord withNode = renewMaker(maker.keys(), List.of(nodeAddress()));

        for (RecordKey key : List.of(
                item("88.118.8/PUMP-1"),
                item("88.118.8/never-registered"),
                item("88.118.8.1/x"),
                prefixKey("88.118.8.1"))) {
            StoredAnswer answer = reader.read(key);
            assertThat(answer.outcome()).as("%s", key).isEqualTo(Outcome.REFERRAL);
            assertThat(recordOf(answer)).isEqualTo(withNode);
            assertThat(answer.owner()).isEqualTo(prefixKey("88.118.8"));
            assertThat(answer.expiresAt()).isEqualTo(now + 300_000);
        }
    }

    @Test
    void aPrefixWithANodeOfItsOwnIsItselfAnswered() {
        IdentifierRecord withNode = renewMaker(maker.keys(), List.of(nodeAddress()));

        StoredAnswer answer = reader.read(prefixKey("88.118.8"));

        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD);
        assertThat(recordOf(answer)).isEqualTo(withNode);
    }

    @Test
    void theRootsOwnNodeIsThisOne() {
        register(root.sign(
                parties.following(current(root), root.prefixDraft(root, root.keys(), List.of(nodeAddress())))));
        register(maker.sign(maker.itemDraft("PUMP-1")));

        assertThat(read("88.118.8/PUMP-1").outcome()).isEqualTo(Outcome.RECORD);
        assertThat(read("88.118/x").outcome()).isEqualTo(Outcome.NOT_FOUND);
    }

    @Test
    void aRevokedPrefixIsNotReferredTo() {
        IdentifierRecord withNode = renewMaker(maker.keys(), List.of(nodeAddress()));
        register(root.signWithConsent(
                parties.following(withNode, maker.prefixDraft(root, maker.keys(), List.of(nodeAddress())))
                        .revoked(),
                maker.delegatingKey()));

        assertThat(read("88.118.8/x").outcome()).isEqualTo(Outcome.RECORD_REVOKED);
    }

    // ---- nothing found --------------------------------------------------------------------------------------------

    @Test
    void whatIsNotRegisteredIsNotFoundForAWhile() {
        StoredAnswer answer = read("88.118.8/none");

        assertThat(answer.outcome()).isEqualTo(Outcome.NOT_FOUND);
        assertThat(detailOf(answer).getOwner()).isEqualTo("88.118.8");
        assertThat(answer.expiresAt()).isEqualTo(now + 1_000L * NEGATIVE_TTL_SECONDS);
        assertThat(answer.owner()).isEqualTo(prefixKey("88.118.8"));
        assertThat(answer.sequence()).isEqualTo(registry.lastSequence());
    }

    @Test
    void notFoundIsNotKeptWhereItsLifeIs0() {
        StoredAnswer answer = readerAt(now, parties.anchors(), 0).read(item("88.118.8/none"));

        assertThat(answer.outcome()).isEqualTo(Outcome.NOT_FOUND);
        assertThat(answer.isCacheable()).isFalse();
    }

    @Test
    void aPrefixThatIsNotRegisteredIsNotFoundUnderTheOneAbove() {
        StoredAnswer answer = reader.read(prefixKey("88.118.77"));

        assertThat(answer.outcome()).isEqualTo(Outcome.NOT_FOUND);
        assertThat(detailOf(answer).getOwner()).isEqualTo("88.118");
        assertThat(answer.owner()).isEqualTo(prefixKey("88.118"));
    }

    @Test
    void aPrefixThatIsNotServedHereIsNotAnswered() {
        for (RecordKey key : List.of(
                item("88.999.1/x"), prefixKey("88"), RecordKey.of(RecordKind.ITEM, Scheme.HANDLE, "20.500/x"))) {
            StoredAnswer answer = reader.read(key);
            assertThat(answer.outcome()).as("%s", key).isEqualTo(Outcome.NOT_RESPONSIBLE);
            assertThat(answer.isCacheable()).isFalse();
            assertThat(answer.owner()).isNull();
            assertThat(detailOf(answer).getMessage()).isNotBlank();
        }
    }

    @Test
    void aTextThatBreaksTheGrammarIsInvalidAndSaysWhere() {
        StoredAnswer answer = read("88.118..8/x");

        assertThat(answer.outcome()).isEqualTo(Outcome.INVALID_IDENTIFIER);
        assertThat(detailOf(answer).getPosition()).isEqualTo(7);
        assertThat(detailOf(answer).getMessage()).contains("empty segment");
        assertThat(answer.isCacheable()).isFalse();
        assertThat(answer.owner()).isNull();
    }

    @Test
    void aTextThatIsNotCanonicalIsInvalid() {
        for (RecordKey key : List.of(
                item("88.118.ab/x"),
                prefixKey("88.118.ab"),
                RecordKey.of(RecordKind.ITEM, Scheme.OID, "urn:oid:1.2.156"),
                RecordKey.of(RecordKind.ITEM, Scheme.HANDLE, "hdl:20.500/x"),
                item("88.118.8/e\u0301"))) {
            StoredAnswer answer = reader.read(key);
            assertThat(answer.outcome()).as("%s", key).isEqualTo(Outcome.INVALID_IDENTIFIER);
            assertThat(answer.isCacheable()).isFalse();
            assertThat(detailOf(answer).getMessage()).contains("canonical");
        }
    }

    // ---- how long an answer may be kept ---------------------------------------------------------------------------

    @Test
    void anAnswerIsKeptForTheRecordsTimeToLive() {
        register(maker.sign(maker.itemDraft("PUMP-1").ttlSeconds(7)));

        StoredAnswer answer = read("88.118.8/PUMP-1");

        assertThat(answer.expiresAt()).isEqualTo(now + 7_000);
        assertThat(answer.lifeMillis(now)).isEqualTo(7_000);
        assertThat(answer.lifeMillis(now + 6_999)).isEqualTo(1);
        assertThat(answer.lifeMillis(now + 7_000)).isZero();
        assertThat(answer.lifeMillis(now + 99_000)).isZero();
    }

    @Test
    void theLongestTimeToLiveDoesNotOverflow() {
        register(maker.sign(maker.itemDraft("PUMP-1").ttlSeconds(2_592_000)));

        assertThat(read("88.118.8/PUMP-1").expiresAt()).isEqualTo(now + 2_592_000_000L);
    }

    @Test
    void anAnswerIsNotKeptPastTheRecordsEnd() {
        long end = now + 60_000;
        register(maker.sign(maker.itemDraft("PUMP-1").ttlSeconds(3_600).expiresAt(end)));

        assertThat(read("88.118.8/PUMP-1").expiresAt()).isEqualTo(end);
        assertThat(readerAt(end - 1, parties.anchors(), 0)
                        .read(item("88.118.8/PUMP-1"))
                        .expiresAt())
                .isEqualTo(end);
    }

    @Test
    void anExpiredRecordIsAnsweredButNotKept() {
        long end = now + 60_000;
        IdentifierRecord pump = register(maker.sign(maker.itemDraft("PUMP-1").expiresAt(end)));

        for (long later : new long[] {end, end + 1, end + 1_000_000}) {
            StoredAnswer answer = readerAt(later, parties.anchors(), 0).read(item("88.118.8/PUMP-1"));
            assertThat(answer.outcome()).isEqualTo(Outcome.RECORD);
            assertThat(recordOf(answer)).isEqualTo(pump);
            assertThat(answer.isCacheable()).isFalse();
        }
    }

    @Test
    void aPrefixIsKeptForFiveMinutesAtMost() {
        assertThat(reader.read(prefixKey("88.118.8")).expiresAt()).isEqualTo(now + 300_000);
    }

    // ---- the registry and its records -----------------------------------------------------------------------------

    private StoredAnswer read(String identifier) {
        return reader.read(item(identifier));
    }

    private static RecordKey item(String identifier) {
        return RecordKey.of(RecordKind.ITEM, Scheme.VAA, identifier);
    }

    private static RecordKey prefixKey(String prefix) {
        return RecordKey.of(RecordKind.PREFIX, Scheme.VAA, prefix);
    }

    private static IdentifierRecord recordOf(StoredAnswer answer) {
        return IdentifierRecord.parse(ByteString.copyFrom(answer.payload()));
    }

    private static AnswerDetail detailOf(StoredAnswer answer) {
        try {
            return AnswerDetail.parseFrom(answer.payload());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /** What a reader trusts who starts at the root. */
    private TrustedPrefix trusted(Party party) {
        TrustedPrefix top = TrustedPrefix.anchored(root.anchor(), current(root), new SignatureVerifier(), now);
        return top.delegate(current(party), now);
    }

    private IdentifierRecord current(Party party) {
        return current(party.prefix());
    }

    private IdentifierRecord current(Prefix prefix) {
        return IdentifierRecord.parse(
                registry.read(PrefixTable.keyOf(prefix)).orElseThrow().record());
    }

    private IdentifierRecord renewMaker(PartyKey... keys) {
        return renewMaker(List.of(keys), List.of());
    }

    private IdentifierRecord renewMaker(List<PartyKey> keys, List<NodeAddress> addresses) {
        return register(root.signWithConsent(
                parties.following(current(maker), maker.prefixDraft(root, keys, addresses)), maker.delegatingKey()));
    }

    private IdentifierRecord register(IdentifierRecord record) {
        RegisterResult result;
        try {
            result = registrar.register(List.of(record.encoded())).get(0);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(result.getCode()).as(result.getMessage()).isIn(Code.CREATED, Code.UPDATED);
        return record;
    }

    private static NodeAddress nodeAddress() {
        return NodeAddress.newBuilder()
                .setFace("waymark")
                .setHost("node.example.com")
                .setPort(2640)
                .build();
    }
}
