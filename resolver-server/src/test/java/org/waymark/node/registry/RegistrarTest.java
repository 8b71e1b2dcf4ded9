package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.node.TestParties;
import org.waymark.node.TestParties.Party;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.MerkleTree;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.record.SignatureProof;
import org.waymark.trust.Anchor;
import org.waymark.trust.PartyKey;
import org.waymark.trust.Purpose;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.Header;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.RegisterResult.Code;
import org.waymark.v1.SignedRecord;
import org.waymark.v1.Value;

@ParameterizedClass
@EnumSource(Suite.class)
class RegistrarTest {

    private static final long MINUTE_MILLIS = 60_000;

    @Parameter
    Suite suite;

    @TempDir
    Path directory;

    private TestParties parties;
    private Party root;
    private Party maker;
    private Party platform;
    private Registry registry;
    private Registrar registrar;

    @BeforeEach
    void registerPrefixes() {
        parties = new TestParties(suite);
        root = parties.root;
        maker = parties.maker;
        platform = parties.platform;
        registry = RocksRegistry.open(directory.resolve("registry"), RocksOptions.defaults());
        registrar = registrarFor(parties.anchors());
    }

    @AfterEach
    void closeRegistry() {
        registry.close();
    }

    private Registrar registrarFor(Set<Anchor> roots) {
        return new Registrar(registry, new PrefixTable(registry), roots, Clock.systemUTC());
    }

    // ---- what is admitted -----------------------------------------------------------------------------------------

    @Test
    void aFirstVersionIsCreatedAndReadVerbatim() {
        registerParties();
        IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP-1"));

        RegisterResult result = register(pump);

        assertThat(result.getCode()).isEqualTo(Code.CREATED);
        assertThat(result.getReason()).isEqualTo(RefusalReason.REFUSAL_REASON_UNSPECIFIED);
        assertThat(result.getSequence()).isEqualTo(registry.lastSequence()).isEqualTo(4);
        StoredRecord stored = registry.read(pump.key()).orElseThrow();
        assertThat(stored.record()).isEqualTo(pump.encoded());
        assertThat(stored.version()).isEqualTo(1);
        assertThat(stored.digest()).isEqualTo(pump.digest(suite.hash()).bytes());
    }

    @Test
    void aVersionThatFollowsIsAnUpdate() {
        registerParties();
        IdentifierRecord first = created(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord second = maker.sign(parties.following(first, maker.itemDraft("PUMP-1")));

        RegisterResult result = register(second);

        assertThat(result.getCode()).isEqualTo(Code.UPDATED);
        assertThat(result.getSequence()).isEqualTo(registry.lastSequence());
        assertThat(registry.read(first.key()).orElseThrow().record()).isEqualTo(second.encoded());
        assertThat(registry.read(first.key(), 1).orElseThrow().record()).isEqualTo(first.encoded());
    }

    @Test
    void aRecordWithoutValuesIsCreated() {
        registerParties();

        assertThat(register(maker.sign(maker.emptyItemDraft("PUMP-1"))).getCode())
                .isEqualTo(Code.CREATED);
    }

    @Test
    void aRevocationIsAVersionLikeAnyOtherAndCanBeTakenBack() {
        registerParties();
        IdentifierRecord first = created(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord revoked = maker.sign(
                parties.following(first, maker.emptyItemDraft("PUMP-1")).revoked());
        IdentifierRecord back = maker.sign(parties.following(revoked, maker.itemDraft("PUMP-1")));

        assertThat(codes(revoked, back)).containsExactly(Code.UPDATED, Code.UPDATED);
    }

    @Test
    void aPartyMayUseAnotherSuiteThanItsParentAndChangeItLater() {
        Suite other = suite == Suite.SM2 ? Suite.ED25519 : Suite.SM2;
        Party stranger = Party.withNewKeys(other, "88.118.77");
        registerParties();
        IdentifierRecord first = created(root.sign(stranger.prefixDraft(root)));
        IdentifierRecord item = created(stranger.sign(stranger.itemDraft("x")));
        Party renewed = Party.withNewKeys(suite, "88.118.77");

        IdentifierRecord second =
                root.signWithConsent(parties.following(first, renewed.prefixDraft(root)), stranger.delegatingKey());
        RecordDigest otherDigest = item.digest(other.hash());
        IdentifierRecord next = renewed.sign(renewed.itemDraft("x").following(1, otherDigest));

        assertThat(codes(second, next)).containsExactly(Code.UPDATED, Code.UPDATED);
    }

    @Test
    void aPartyBelowAPartyIsAdmittedByTheOneAboveIt() {
        registerParties();
        Party workshop = Party.withNewKeys(suite, "88.118.8.1");

        assertThat(register(maker.sign(workshop.prefixDraft(maker))).getCode()).isEqualTo(Code.CREATED);
        assertThat(register(workshop.sign(workshop.itemDraft("x"))).getCode()).isEqualTo(Code.CREATED);
        assertRefused(
                root.sign(Party.withNewKeys(suite, "88.118.8.2").prefixDraft(root)),
                Code.UNAUTHORISED,
                RefusalReason.WRONG_OWNER,
                "header.owner");
    }

    // ---- the same again -------------------------------------------------------------------------------------------

    @Test
    void theSameBytesAgainChangeNothing() {
        registerParties();
        IdentifierRecord pump = created(maker.sign(maker.itemDraft("PUMP-1")));

        RegisterResult again = unchangedBy(pump);

        assertThat(again.getCode()).isEqualTo(Code.UNCHANGED);
        assertThat(again.getCurrentVersion()).isEqualTo(1);
        assertThat(again.getSequence()).isZero();
    }

    @Test
    void anOlderVersionAgainChangesNothing() {
        registerParties();
        IdentifierRecord first = created(maker.sign(maker.itemDraft("PUMP-1")));
        created(maker.sign(parties.following(first, maker.itemDraft("PUMP-1"))));

        RegisterResult again = unchangedBy(first);

        assertThat(again.getCode()).isEqualTo(Code.UNCHANGED);
        assertThat(again.getCurrentVersion()).isEqualTo(2);
    }

    @Test
    void theSameBytesAgainChangeNothingAfterTheKeyIsRetired() {
        registerParties();
        IdentifierRecord pump = created(maker.sign(maker.itemDraft("PUMP-1")));
        renewMaker(maker.delegatingPartyKey(KeyState.KEY_ACTIVE), maker.workingPartyKey(KeyState.KEY_RETIRED));

        assertThat(unchangedBy(pump).getCode()).isEqualTo(Code.UNCHANGED);
    }

    @Test
    void aPrefixRecordAgainChangesNothing() {
        registerParties();

        for (IdentifierRecord record : storedPrefixRecords()) {
            assertThat(unchangedBy(record).getCode()).isEqualTo(Code.UNCHANGED);
        }
    }

    @Test
    void theSameHeaderInAnotherTreeChangesNothing() {
        registerParties();
        RecordDraft pump = maker.itemDraft("PUMP-1").build();
        RecordDraft crane = maker.itemDraft("CRANE-1").build();
        created(new RecordSigner(maker.workingKey()).sign(pump));

        IdentifierRecord inAnotherTree = new RecordSigner(maker.workingKey())
                .signAll(List.of(pump, crane))
                .get(0);

        assertThat(unchangedBy(inAnotherTree).getCode()).isEqualTo(Code.UNCHANGED);
    }

    @Test
    void aVersionSignedAnewIsAConflict() {
        registerParties();
        IdentifierRecord first = created(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord anew = maker.sign(maker.itemDraft("PUMP-1").issuedAt(first.issuedAt() + 1));

        RegisterResult result = unchangedBy(anew);

        assertConflictWith(result, first);
    }

    // ---- versions -------------------------------------------------------------------------------------------------

    @Test
    void aStaleVersionIsAConflictThatNamesTheCurrentOne() {
        registerParties();
        IdentifierRecord first = created(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord second = created(maker.sign(parties.following(first, maker.itemDraft("PUMP-1"))));
        IdentifierRecord stale =
                maker.sign(parties.following(first, maker.itemDraft("PUMP-1")).value(9, "late", "x"));

        assertConflictWith(unchangedBy(stale), second);
    }

    @Test
    void aGapInTheVersionsIsAConflict() {
        registerParties();
        IdentifierRecord first = created(maker.sign(maker.itemDraft("PUMP-1")));
        RecordDraft.Builder third = maker.itemDraft("PUMP-1").following(2, first.digest(suite.hash()));

        assertConflictWith(unchangedBy(maker.sign(third)), first);
    }

    @Test
    void aSecondVersionOfNothingIsAConflictWithVersion0() {
        registerParties();
        IdentifierRecord neverSent = maker.sign(maker.itemDraft("PUMP-1"));
        IdentifierRecord second = maker.sign(parties.following(neverSent, maker.itemDraft("PUMP-1")));

        RegisterResult result = unchangedBy(second);

        assertThat(result.getCode()).isEqualTo(Code.CONFLICT);
        assertThat(result.getReason()).isEqualTo(RefusalReason.STALE_VERSION);
        assertThat(result.getCurrentVersion()).isZero();
        assertThat(result.getCurrentDigest()).isEqualTo(ByteString.EMPTY);
    }

    @Test
    void aVersionThatFollowsAnotherPreviousOneIsAConflict() {
        registerParties();
        IdentifierRecord first = created(maker.sign(maker.itemDraft("PUMP-1")));
        IdentifierRecord other = maker.sign(maker.itemDraft("PUMP-1").value(9, "other", "x"));
        IdentifierRecord fork = maker.sign(parties.following(other, maker.itemDraft("PUMP-1")));

        assertConflictWith(unchangedBy(fork), first);
    }

    // ---- format, grammar, limits ----------------------------------------------------------------------------------

    @Test
    void bytesThatAreNoRecordAreMalformed() {
        registerParties();

        assertRefused(ByteString.copyFromUtf8("not a record"), Code.INVALID, RefusalReason.MALFORMED_RECORD, "record");
        assertRefused(ByteString.EMPTY, Code.INVALID, RefusalReason.MALFORMED_RECORD, "header");
    }

    @Test
    void whatACarrierAddsToARecordIsRefused() {
        registerParties();
        IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP-1"));
        ByteString genuine = pump.encoded();
        ByteString unknownField = ByteString.copyFrom(new byte[] {(byte) 0xF8, 0x01, 0x01});
        ByteString anotherHeader = ByteString.copyFrom(new byte[] {0x0A, 0x01, 0x00});

        assertRefused(genuine.concat(unknownField), Code.INVALID, RefusalReason.MALFORMED_RECORD, "record");
        assertRefused(anotherHeader.concat(genuine), Code.INVALID, RefusalReason.MALFORMED_RECORD, "record");
        assertThat(register(pump).getCode()).isEqualTo(Code.CREATED);
    }

    @Test
    void aMissingProofIsMalformed() {
        registerParties();

        assertRefused(
                changed(maker.sign(maker.itemDraft("PUMP-1")), SignedRecord.Builder::clearProof),
                Code.INVALID,
                RefusalReason.MALFORMED_RECORD,
                "proof");
    }

    @Test
    void aPrefixRecordWithoutADescriptionIsMalformed() {
        registerParties();
        RecordDraft.Builder draft =
                RecordDraft.prefix(Prefix.parse("88.118.77"), root.prefix()).expiresAt(Long.MAX_VALUE);

        assertRefused(root.sign(draft), Code.INVALID, RefusalReason.MALFORMED_RECORD, "values");
    }

    @Test
    void anIdentifierThatBreaksItsGrammarIsRefused() {
        registerParties();

        assertRefused(
                renamed(maker.sign(maker.itemDraft("PUMP-1")), "88.118.8"),
                Code.INVALID,
                RefusalReason.BROKEN_GRAMMAR,
                "header.key.identifier");
        assertRefused(
                renamed(root.sign(maker.prefixDraft(root)), "88..8"),
                Code.INVALID,
                RefusalReason.BROKEN_GRAMMAR,
                "header.key.identifier");
    }

    @Test
    void anIdentifierThatIsNotCanonicalIsRefused() {
        registerParties();
        Party lowerCase = Party.withNewKeys(suite, "88.118.ab");
        created(root.sign(lowerCase.prefixDraft(root)));

        RegisterResult result = assertRefused(
                renamed(lowerCase.sign(lowerCase.itemDraft("x")), "88.118.ab/x"),
                Code.INVALID,
                RefusalReason.BROKEN_GRAMMAR,
                "header.key.identifier");

        assertThat(result.getMessage()).contains("88.118.AB/x");
    }

    @Test
    void aReaderThatIsNoCanonicalPrefixIsRefused() {
        registerParties();

        assertRefused(readBy("88.118.ab"), Code.INVALID, RefusalReason.BROKEN_GRAMMAR, "values[0].readers[0]");
        assertRefused(readBy("everybody"), Code.INVALID, RefusalReason.BROKEN_GRAMMAR, "values[0].readers[0]");
        assertThat(register(readBy("88.118.900")).getCode()).isEqualTo(Code.CREATED);
    }

    /** An item whose first value only this reader may see. The draft takes prefixes only, so the text is put in afterwards. */
    private IdentifierRecord readBy(String reader) {
        Value value = Value.newBuilder()
                .setIndex(1)
                .setType("price")
                .addReaders(reader)
                .setSalt(ByteString.copyFrom(new byte[Limits.SALT_BYTES]))
                .build();
        return IdentifierRecord.parse(changed(maker.sign(maker.itemDraft("PUMP-1")), record -> {
            record.setValues(0, value.toByteString());
            resign(record, maker.workingKey());
        }));
    }

    @Test
    void aValueOverItsLimitIsRefused() {
        registerParties();
        Value large = Value.newBuilder()
                .setIndex(1)
                .setType("photo")
                .setData(ByteString.copyFrom(new byte[Limits.VALUE_DATA_BYTES + 1]))
                .build();

        assertRefused(
                changed(maker.sign(maker.itemDraft("PUMP-1")), record -> record.setValues(0, large.toByteString())),
                Code.INVALID,
                RefusalReason.LIMIT_EXCEEDED,
                "values[0].data");
    }

    @Test
    void aRecordOverItsLimitIsRefused() {
        registerParties();
        IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP-1"));
        ByteString value = Value.newBuilder()
                .setIndex(1)
                .setType("photo")
                .setData(ByteString.copyFrom(new byte[Limits.RECORD_BYTES / 2]))
                .build()
                .toByteString();

        assertRefused(
                changed(pump, record -> record.setValues(0, value).setValues(1, value)),
                Code.INVALID,
                RefusalReason.LIMIT_EXCEEDED,
                "record");
    }

    @Test
    void moreValuesThanAllowedAreRefused() {
        registerParties();
        IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP-1"));

        assertRefused(
                withHeader(pump, header -> header.setValueCount(Limits.VALUES + 1)),
                Code.INVALID,
                RefusalReason.LIMIT_EXCEEDED,
                "header.value_count");
    }

    // ---- what was changed after it was signed ---------------------------------------------------------------------

    @Test
    void aChangedValueIsRefused() {
        registerParties();

        assertRefused(
                withOtherValue(maker.sign(maker.itemDraft("PUMP-1"))),
                Code.INVALID,
                RefusalReason.VALUES_MISMATCH,
                "values");
    }

    @Test
    void aChangedDigestOfTheValuesIsRefused() {
        registerParties();

        assertRefused(
                withHeader(
                        maker.sign(maker.itemDraft("PUMP-1")),
                        header -> header.setValuesRoot(ByteString.copyFrom(new byte[Limits.DIGEST_BYTES]))),
                Code.UNAUTHORISED,
                RefusalReason.BAD_SIGNATURE,
                "proof");
    }

    @Test
    void aHeaderThatWasChangedIsRefused() {
        registerParties();
        IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP-1"));

        assertRefused(
                withHeader(pump, header -> header.setTtl(60)), Code.UNAUTHORISED, RefusalReason.BAD_SIGNATURE, "proof");
        assertRefused(renamed(pump, "88.118.8/PUMP-2"), Code.UNAUTHORISED, RefusalReason.BAD_SIGNATURE, "proof");
    }

    @Test
    void aChangedSignatureIsRefused() {
        registerParties();
        IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP-1"));

        assertRefused(
                changed(
                        pump,
                        record -> record.getProofBuilder()
                                .setSignature(flipped(record.getProof().getSignature()))),
                Code.UNAUTHORISED,
                RefusalReason.BAD_SIGNATURE,
                "proof");
    }

    @Test
    void aChangedPathIsRefused() {
        registerParties();
        IdentifierRecord second = treeOf(4).get(1);

        Stream.<Consumer<SignedRecord.Builder>>of(
                        record -> record.getProofBuilder()
                                .setPath(flipped(record.getProof().getPath())),
                        record -> record.getProofBuilder().setLeaf(2),
                        record -> record.getProofBuilder().setTreeSize(5),
                        record -> record.getProofBuilder().setPath(ByteString.EMPTY),
                        record -> record.getProofBuilder().setTreeSize(1).setLeaf(0))
                .forEach(change -> assertRefused(
                        changed(second, change), Code.UNAUTHORISED, RefusalReason.BAD_SIGNATURE, "proof"));
    }

    @Test
    void aPartialRecordIsRefused() {
        registerParties();
        IdentifierRecord whole = maker.sign(maker.itemDraft("PUMP-1"));
        IdentifierRecord partial = whole.select(suite.hash(), Set.of(1L), List.of());

        assertRefused(partial, Code.INVALID, RefusalReason.VALUES_MISMATCH, "values");
    }

    @Test
    void aSignatureForAnotherPurposeIsRefused() {
        registerParties();

        assertRefused(
                signedAs(Purpose.CONSENT, maker.workingKey()), Code.UNAUTHORISED, RefusalReason.BAD_SIGNATURE, "proof");
    }

    @Test
    void aSignatureByAStrangerUnderTheMakersKeyIdIsRefused() {
        registerParties();

        assertRefused(
                signedAs(Purpose.RECORD, SigningKey.generate(suite)),
                Code.UNAUTHORISED,
                RefusalReason.BAD_SIGNATURE,
                "proof");
    }

    private IdentifierRecord signedAs(Purpose purpose, SigningKey signer) {
        RecordDraft draft = maker.itemDraft("PUMP-1").build();
        ByteString header = draft.headerFor(maker.workingKey().id().bytes(), suite.hash());
        return draft.signed(header, proof(purpose, signer, header), null);
    }

    private SignatureProof proof(Purpose purpose, SigningKey signer, ByteString header) {
        byte[] root = RecordDraft.headerLeaf(suite.hash(), header);
        byte[] signature = signer.sign(purpose.signedBytes(suite, 1, root));
        return new SignatureProof(1, 0, ByteString.EMPTY, ByteString.copyFrom(signature));
    }

    // ---- keys -----------------------------------------------------------------------------------------------------

    @Test
    void anUnknownKeyIsRefused() {
        registerParties();

        assertRefused(
                signedBy(SigningKey.generate(suite)), Code.UNAUTHORISED, RefusalReason.UNKNOWN_KEY, "header.key_id");
    }

    @Test
    void aKeyOfASiblingIsRefused() {
        registerParties();

        assertRefused(signedBy(platform.workingKey()), Code.UNAUTHORISED, RefusalReason.UNKNOWN_KEY, "header.key_id");
    }

    @Test
    void aKeyOfTheParentIsRefused() {
        registerParties();

        assertRefused(signedBy(root.delegatingKey()), Code.UNAUTHORISED, RefusalReason.UNKNOWN_KEY, "header.key_id");
    }

    @Test
    void aRetiredKeySignsNothingNew() {
        registerParties();
        renewMaker(maker.delegatingPartyKey(KeyState.KEY_ACTIVE), maker.workingPartyKey(KeyState.KEY_RETIRED));

        assertRefused(signedBy(maker.workingKey()), Code.UNAUTHORISED, RefusalReason.KEY_IS_RETIRED, "header.key_id");
    }

    @Test
    void aRevokedKeySignsNothing() {
        registerParties();
        renewMaker(maker.delegatingPartyKey(KeyState.KEY_ACTIVE), maker.workingPartyKey(KeyState.KEY_REVOKED));

        assertRefused(signedBy(maker.workingKey()), Code.UNAUTHORISED, RefusalReason.KEY_IS_REVOKED, "header.key_id");
    }

    @Test
    void aKeyForDelegatingSignsNoItems() {
        registerParties();

        assertRefused(signedBy(maker.delegatingKey()), Code.UNAUTHORISED, RefusalReason.WRONG_ROLE, "header.key_id");
    }

    @Test
    void aKeyForItemsSignsNoPrefixRecords() {
        registerParties();
        RecordDraft workshop =
                Party.withNewKeys(suite, "88.118.8.1").prefixDraft(maker).build();

        assertRefused(
                new RecordSigner(maker.workingKey()).sign(workshop),
                Code.UNAUTHORISED,
                RefusalReason.WRONG_ROLE,
                "header.key_id");
    }

    private IdentifierRecord signedBy(SigningKey key) {
        return new RecordSigner(key).sign(maker.itemDraft("PUMP-1").build());
    }

    // ---- owners ---------------------------------------------------------------------------------------------------

    @Test
    void aParentCannotSignAnItemUnderARegisteredChild() {
        registerParties();
        RecordDraft draft =
                RecordDraft.item(maker.identifier("PUMP-1"), root.prefix()).build();

        RegisterResult result = assertRefused(
                new RecordSigner(root.delegatingKey()).sign(draft),
                Code.UNAUTHORISED,
                RefusalReason.WRONG_OWNER,
                "header.owner");

        assertThat(result.getMessage()).contains("88.118.8");
    }

    @Test
    void aSiblingCannotSignAsTheOwner() {
        registerParties();

        assertRefused(
                platform.sign(RecordDraft.item(maker.identifier("PUMP-1"), platform.prefix())),
                Code.UNAUTHORISED,
                RefusalReason.WRONG_OWNER,
                "header.owner");
    }

    @Test
    void anotherEpochThanTheOwnersIsRefused() {
        registerParties();

        assertRefused(
                maker.sign(maker.itemDraft("PUMP-1").ownerEpoch(2)),
                Code.UNAUTHORISED,
                RefusalReason.WRONG_EPOCH,
                "header.owner_epoch");
    }

    @Test
    void aPrefixThatIsNotServedHereIsRefused() {
        registerParties();
        Party stranger = Party.withNewKeys(suite, "88.999.1");
        Prefix handle = Prefix.parse("hdl:20.500");

        assertRefused(
                stranger.sign(stranger.itemDraft("x")),
                Code.NOT_RESPONSIBLE,
                RefusalReason.REFUSAL_REASON_UNSPECIFIED,
                "header.key");
        assertRefused(
                maker.sign(RecordDraft.item(Identifier.parse("20.500/x"), handle)),
                Code.NOT_RESPONSIBLE,
                RefusalReason.REFUSAL_REASON_UNSPECIFIED,
                "header.key");
    }

    @Test
    void anItemUnderAPrefixWithANodeOfItsOwnIsRefused() {
        registerParties();
        renewMaker(maker.keys(), List.of(nodeAddress()));

        RegisterResult result = assertRefused(
                maker.sign(maker.itemDraft("PUMP-1")),
                Code.NOT_RESPONSIBLE,
                RefusalReason.REFUSAL_REASON_UNSPECIFIED,
                "header.key");

        assertThat(result.getMessage()).contains("88.118.8").contains("node of its own");
    }

    @Test
    void theRootsOwnAddressesAreThisNodes() {
        created(root.sign(root.prefixDraft(root, root.keys(), List.of(nodeAddress()))));

        assertThat(register(root.sign(maker.prefixDraft(root))).getCode()).isEqualTo(Code.CREATED);
        assertThat(register(maker.sign(maker.itemDraft("PUMP-1"))).getCode()).isEqualTo(Code.CREATED);
    }

    @Test
    void nothingIsAdmittedUnderAnExpiredOwner() {
        registerParties();
        registrar = new Registrar(
                registry,
                new PrefixTable(registry),
                parties.anchors(),
                Clock.offset(Clock.systemUTC(), Duration.ofDays(366)));

        assertRefused(
                maker.sign(maker.itemDraft("PUMP-1")),
                Code.UNAUTHORISED,
                RefusalReason.OWNER_NOT_ACTIVE,
                "header.owner");
    }

    @Test
    void anExpiredRootCanRenewItself() {
        registerParties();
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(366));
        registrar = new Registrar(registry, new PrefixTable(registry), parties.anchors(), later);
        IdentifierRecord renewed = root.sign(
                parties.following(current(root), root.prefixDraft(root)).expiresAt(later.millis() + MINUTE_MILLIS));

        assertThat(register(renewed).getCode()).isEqualTo(Code.UPDATED);
    }

    @Test
    void nothingIsAdmittedUnderARevokedOwner() {
        registerParties();
        created(root.signWithConsent(
                parties.following(current(maker), maker.prefixDraft(root)).revoked(), maker.delegatingKey()));

        assertRefused(
                maker.sign(maker.itemDraft("PUMP-1")),
                Code.UNAUTHORISED,
                RefusalReason.OWNER_NOT_ACTIVE,
                "header.owner");
    }

    @Test
    void nothingIsAdmittedFarBelowARevokedPrefix() {
        registerParties();
        Party workshop = Party.withNewKeys(suite, "88.118.8.1.2");
        created(maker.sign(workshop.prefixDraft(maker)));
        created(root.sign(
                parties.following(current(root), root.prefixDraft(root)).revoked()));

        assertRefused(
                workshop.sign(workshop.itemDraft("x")),
                Code.UNAUTHORISED,
                RefusalReason.OWNER_NOT_ACTIVE,
                "header.owner");
    }

    @Test
    void nothingIsAdmittedBelowAPrefixThatARevokedKeySigned() {
        SigningKey stolen = SigningKey.generate(suite);
        PartyKey second = PartyKey.active(stolen.verifyingKey(), Set.of(KeyRole.DELEGATE));
        created(root.sign(root.prefixDraft(root, with(root.keys(), second), List.of())));
        created(new RecordSigner(stolen).sign(maker.prefixDraft(root).build()));
        created(maker.sign(maker.itemDraft("PUMP-1")));

        created(root.sign(parties.following(
                current(root), root.prefixDraft(root, with(root.keys(), second.in(KeyState.KEY_REVOKED)), List.of()))));

        RegisterResult result = assertRefused(
                maker.sign(maker.itemDraft("PUMP-2")),
                Code.UNAUTHORISED,
                RefusalReason.OWNER_NOT_ACTIVE,
                "header.owner");
        assertThat(result.getMessage()).contains("no longer has the key");
    }

    @Test
    void nothingIsAdmittedBelowAPrefixOfAnEndedEpoch() {
        registerParties();
        Party workshop = Party.withNewKeys(suite, "88.118.8.1");
        created(maker.sign(workshop.prefixDraft(maker)));
        Party newMaker = Party.withNewKeys(suite, "88.118.8");
        created(root.sign(
                parties.following(current(maker), newMaker.prefixDraft(root)).epoch(2)));

        RegisterResult result = assertRefused(
                workshop.sign(workshop.itemDraft("x")),
                Code.UNAUTHORISED,
                RefusalReason.OWNER_NOT_ACTIVE,
                "header.owner");
        assertThat(result.getMessage()).contains("no longer signed");
    }

    // ---- times ----------------------------------------------------------------------------------------------------

    @Test
    void aTimeOfIssueTooFarAheadIsRefused() {
        registerParties();
        long now = System.currentTimeMillis();

        assertRefused(
                maker.sign(maker.itemDraft("PUMP-1").issuedAt(now + 10 * MINUTE_MILLIS)),
                Code.INVALID,
                RefusalReason.WRONG_TIME,
                "header.issued_at");
        assertThat(register(maker.sign(maker.itemDraft("PUMP-1").issuedAt(now + 4 * MINUTE_MILLIS)))
                        .getCode())
                .isEqualTo(Code.CREATED);
    }

    @Test
    void aTimeOfIssueBeforeThePreviousVersionsIsRefused() {
        registerParties();
        IdentifierRecord first = created(maker.sign(maker.itemDraft("PUMP-1")));
        RecordDraft.Builder second = parties.following(first, maker.itemDraft("PUMP-1"));

        assertRefused(
                maker.sign(second.issuedAt(first.issuedAt() - 1)),
                Code.INVALID,
                RefusalReason.WRONG_TIME,
                "header.issued_at");
        assertThat(register(maker.sign(second.issuedAt(first.issuedAt()))).getCode())
                .isEqualTo(Code.UPDATED);
    }

    @Test
    void aRecordThatHasExpiredAlreadyIsRefused() {
        registerParties();

        assertRefused(
                maker.sign(maker.itemDraft("PUMP-1").expiresAt(System.currentTimeMillis() - 1)),
                Code.INVALID,
                RefusalReason.WRONG_TIME,
                "header.expires_at");
    }

    // ---- new versions of prefix records ---------------------------------------------------------------------------

    @Test
    void newKeysWithoutConsentAreRefused() {
        registerParties();
        Party stranger = Party.withNewKeys(suite, "88.118.8");

        assertRefused(
                root.sign(parties.following(current(maker), stranger.prefixDraft(root))),
                Code.UNAUTHORISED,
                RefusalReason.NO_CONSENT,
                "consent");
    }

    @Test
    void theConsentOfAKeyThatDoesNotDelegateIsNone() {
        registerParties();

        assertNoConsent(maker.workingKey());
    }

    @Test
    void theConsentOfAStrangersKeyIsNone() {
        registerParties();

        assertNoConsent(SigningKey.generate(suite));
        assertNoConsent(root.delegatingKey());
    }

    @Test
    void theConsentOfARetiredKeyIsNone() {
        registerParties();
        renewMaker(maker.delegatingPartyKey(KeyState.KEY_RETIRED), maker.workingPartyKey(KeyState.KEY_ACTIVE));

        assertNoConsent(maker.delegatingKey());
    }

    private void assertNoConsent(SigningKey consenting) {
        Party renewed = Party.withNewKeys(suite, "88.118.8");
        assertRefused(
                root.signWithConsent(parties.following(current(maker), renewed.prefixDraft(root)), consenting),
                Code.UNAUTHORISED,
                RefusalReason.NO_CONSENT,
                "consent");
    }

    @Test
    void theConsentToAnotherVersionIsNone() {
        registerParties();
        RecordDraft.Builder consentedTo = parties.following(current(maker), maker.prefixDraft(root));
        IdentifierRecord consented = root.signWithConsent(consentedTo, maker.delegatingKey());
        Party stranger = Party.withNewKeys(suite, "88.118.8");
        IdentifierRecord other = root.sign(parties.following(current(maker), stranger.prefixDraft(root)));

        assertRefused(
                changed(other, record -> record.setConsent(message(consented).getConsent())),
                Code.UNAUTHORISED,
                RefusalReason.NO_CONSENT,
                "consent");
    }

    /** The record as it stands, to be signed in another status. */
    private RecordDraft.Builder asItStands(IdentifierRecord current) {
        RecordDraft.Builder draft = RecordDraft.prefix(maker.prefix(), root.prefix())
                .expiresAt(current.expiresAt())
                .ttlSeconds(current.ttlSeconds());
        current.values().forEach(value -> draft.value(value.index(), value.type(), value.data()));
        return parties.following(current, draft);
    }

    @Test
    void theStatusAloneChangesWithoutConsentAndTheRecordsStayWhatTheyWere() {
        registerParties();
        IdentifierRecord pump = created(maker.sign(maker.itemDraft("PUMP-1")));

        assertThat(register(root.sign(asItStands(current(maker)).revoked())).getCode())
                .isEqualTo(Code.UPDATED);
        assertRefused(
                maker.sign(parties.following(pump, maker.itemDraft("PUMP-1"))),
                Code.UNAUTHORISED,
                RefusalReason.OWNER_NOT_ACTIVE,
                "header.owner");
        assertThat(register(root.sign(asItStands(current(maker)))).getCode()).isEqualTo(Code.UPDATED);
        assertThat(register(maker.sign(parties.following(pump, maker.itemDraft("PUMP-1"))))
                        .getCode())
                .isEqualTo(Code.UPDATED);
    }

    @Test
    void whatRevokesMayNotChangeAnythingElseWithoutConsent() {
        registerParties();
        IdentifierRecord current = current(maker);

        assertRefused(
                root.sign(asItStands(current).revoked().expiresAt(current.expiresAt() + 1)),
                Code.UNAUTHORISED,
                RefusalReason.NO_CONSENT,
                "consent");
        assertRefused(
                root.sign(asItStands(current).revoked().value(99_999, "note", "more")),
                Code.UNAUTHORISED,
                RefusalReason.NO_CONSENT,
                "consent");
    }

    @Test
    void newKeysWithConsentAreAdmitted() {
        registerParties();
        Party renewed = Party.withNewKeys(suite, "88.118.8");

        RegisterResult result = register(root.signWithConsent(
                parties.following(current(maker), renewed.prefixDraft(root)), maker.delegatingKey()));

        assertThat(result.getCode()).isEqualTo(Code.UPDATED);
        assertThat(register(renewed.sign(renewed.itemDraft("PUMP-1"))).getCode())
                .isEqualTo(Code.CREATED);
    }

    @Test
    void aTakeoverRaisesTheEpochAndItemsHaveToCarryIt() {
        registerParties();
        IdentifierRecord pump = created(maker.sign(maker.itemDraft("PUMP-1")));
        Party newOwner = Party.withNewKeys(suite, "88.118.8");

        RegisterResult takeover = register(root.sign(
                parties.following(current(maker), newOwner.prefixDraft(root)).epoch(2)));

        assertThat(takeover.getCode()).isEqualTo(Code.UPDATED);
        RecordDraft.Builder next = parties.following(pump, newOwner.itemDraft("PUMP-1"));
        assertRefused(newOwner.sign(next), Code.UNAUTHORISED, RefusalReason.WRONG_EPOCH, "header.owner_epoch");
        assertRefused(maker.sign(next.ownerEpoch(2)), Code.UNAUTHORISED, RefusalReason.UNKNOWN_KEY, "header.key_id");
        assertThat(register(newOwner.sign(next.ownerEpoch(2))).getCode()).isEqualTo(Code.UPDATED);
    }

    @Test
    void anEpochThatSkipsOneOrFallsIsRefused() {
        registerParties();
        created(root.sign(
                parties.following(current(maker), maker.prefixDraft(root)).epoch(2)));

        for (long epoch : new long[] {1, 4}) {
            RecordDraft.Builder next = parties.following(current(maker), maker.prefixDraft(root));
            assertRefused(
                    root.signWithConsent(next.epoch(epoch), maker.delegatingKey()),
                    Code.INVALID,
                    RefusalReason.WRONG_EPOCH,
                    "header.epoch");
        }
    }

    @Test
    void aRevokedKeyNeverVouchesForMoreThanBefore() {
        registerParties();
        PartyKey delegating = maker.delegatingPartyKey(KeyState.KEY_ACTIVE);
        PartyKey working = maker.workingPartyKey(KeyState.KEY_ACTIVE);
        long time = System.currentTimeMillis() - 10;
        renewMaker(delegating, working.revokedSince(time));
        assertRefused(
                maker.sign(maker.itemDraft("PUMP-1").issuedAt(time - 1)),
                Code.UNAUTHORISED,
                RefusalReason.KEY_IS_REVOKED,
                "header.key_id");

        assertLaterRevocationIsRefused(delegating, working.revokedSince(time + 1));
        renewMaker(delegating, working.revokedSince(time - 1));
        renewMaker(delegating, working.revokedSince(0));
        assertLaterRevocationIsRefused(delegating, working.revokedSince(time - 1));
    }

    private void assertLaterRevocationIsRefused(PartyKey... keys) {
        RecordDraft.Builder next = parties.following(current(maker), maker.prefixDraft(root, List.of(keys), List.of()));
        assertRefused(
                root.signWithConsent(next, maker.delegatingKey()), Code.INVALID, RefusalReason.KEY_REUSED, "values");
    }

    @Test
    void aRevokedKeyIsNotBroughtBack() {
        registerParties();
        PartyKey delegating = maker.delegatingPartyKey(KeyState.KEY_ACTIVE);
        renewMaker(delegating, maker.workingPartyKey(KeyState.KEY_REVOKED));

        for (List<PartyKey> keys : List.of(
                maker.keys(), List.of(delegating, maker.workingPartyKey(KeyState.KEY_RETIRED)), List.of(delegating))) {
            RecordDraft.Builder next = parties.following(current(maker), maker.prefixDraft(root, keys, List.of()));
            assertRefused(
                    root.signWithConsent(next, maker.delegatingKey()),
                    Code.INVALID,
                    RefusalReason.KEY_REUSED,
                    "values");
            assertRefused(root.sign(next.epoch(2)), Code.INVALID, RefusalReason.KEY_REUSED, "values");
        }
    }

    // ---- roots ----------------------------------------------------------------------------------------------------

    @Test
    void aForeignRootIsRefused() {
        Party foreign = Party.withNewKeys(suite, "88.999");

        assertRefused(
                foreign.sign(foreign.prefixDraft(foreign)),
                Code.UNAUTHORISED,
                RefusalReason.FOREIGN_ROOT,
                "header.owner");
    }

    @Test
    void aRootSignedByAnotherKeyThanTheConfiguredOneIsRefused() {
        RecordDraft draft = root.prefixDraft(root).build();

        assertRefused(
                new RecordSigner(root.workingKey()).sign(draft),
                Code.UNAUTHORISED,
                RefusalReason.FOREIGN_ROOT,
                "header.owner");
    }

    @Test
    void aChildThatSignsItselfIsRefused() {
        registerParties();

        assertRefused(
                maker.sign(parties.following(current(maker), maker.prefixDraft(maker))),
                Code.UNAUTHORISED,
                RefusalReason.FOREIGN_ROOT,
                "header.owner");
    }

    @Test
    void aRootSignsItsOwnNextVersion() {
        registerParties();

        IdentifierRecord second = root.sign(parties.following(current(root), root.prefixDraft(root)));

        assertThat(register(second).getCode()).isEqualTo(Code.UPDATED);
    }

    @Test
    void aRootMovesToItsSecondConfiguredKey() {
        Party next = Party.withNewKeys(suite, "88.118");
        registrar = registrarFor(Set.of(root.anchor(), next.anchor()));
        registerParties();
        List<PartyKey> both = with(root.keys(), next.delegatingPartyKey(KeyState.KEY_ACTIVE));

        RecordDraft.Builder tooEarly = parties.following(current(root), root.prefixDraft(root, both, List.of()));
        assertRefused(next.sign(tooEarly), Code.UNAUTHORISED, RefusalReason.UNKNOWN_KEY, "header.key_id");
        created(root.sign(tooEarly));
        List<PartyKey> moved =
                List.of(root.delegatingPartyKey(KeyState.KEY_REVOKED), next.delegatingPartyKey(KeyState.KEY_ACTIVE));
        RecordDraft.Builder third = parties.following(current(root), root.prefixDraft(root, moved, List.of()));
        assertThat(register(next.sign(third)).getCode()).isEqualTo(Code.UPDATED);
    }

    @Test
    void aRootThatDoesNotHoldItsSignerIsRefused() {
        registerParties();
        List<PartyKey> without = List.of(root.workingPartyKey(KeyState.KEY_ACTIVE));
        List<PartyKey> revoked = with(without, root.delegatingPartyKey(KeyState.KEY_REVOKED));

        assertRefused(
                root.sign(parties.following(current(root), root.prefixDraft(root, without, List.of()))),
                Code.UNAUTHORISED,
                RefusalReason.UNKNOWN_KEY,
                "header.key_id");
        assertRefused(
                root.sign(parties.following(current(root), root.prefixDraft(root, revoked, List.of()))),
                Code.UNAUTHORISED,
                RefusalReason.KEY_IS_REVOKED,
                "header.key_id");
    }

    @Test
    void aRootThatNamesAnotherEpochThanItsOwnIsRefused() {
        assertRefused(
                root.sign(root.prefixDraft(root).ownerEpoch(2)),
                Code.UNAUTHORISED,
                RefusalReason.WRONG_EPOCH,
                "header.owner_epoch");
    }

    // ---- batches --------------------------------------------------------------------------------------------------

    @Test
    void aBatchGivesEachRecordItsResultInOrder() {
        registerParties();
        IdentifierRecord good = maker.sign(maker.itemDraft("PUMP-1"));
        IdentifierRecord alsoGood = platform.sign(platform.itemDraft("PLAN-1"));

        List<RegisterResult> results = registerAll(List.of(
                good.encoded(),
                ByteString.copyFromUtf8("not a record"),
                signedBy(SigningKey.generate(suite)).encoded(),
                alsoGood.encoded(),
                withOtherValue(maker.sign(maker.itemDraft("PUMP-2")))));

        assertThat(results)
                .extracting(RegisterResult::getCode)
                .containsExactly(Code.CREATED, Code.INVALID, Code.UNAUTHORISED, Code.CREATED, Code.INVALID);
        assertThat(results.get(0).getSequence()).isEqualTo(4);
        assertThat(results.get(3).getSequence()).isEqualTo(5);
        assertThat(registry.lastSequence()).isEqualTo(5);
        assertThat(registry.read(good.key()).orElseThrow().record()).isEqualTo(good.encoded());
        assertThat(registry.read(alsoGood.key()).orElseThrow().record()).isEqualTo(alsoGood.encoded());
    }

    @Test
    void anEmptyBatchHasNoResults() {
        assertThat(registerAll(List.of())).isEmpty();
    }

    @Test
    void twoVersionsOfOneIdentifierMayComeInOneBatch() {
        registerParties();
        IdentifierRecord first = maker.sign(maker.itemDraft("PUMP-1"));
        IdentifierRecord second = maker.sign(parties.following(first, maker.itemDraft("PUMP-1")));

        assertThat(codes(first, second)).containsExactly(Code.CREATED, Code.UPDATED);
        assertThat(registry.read(first.key()).orElseThrow().record()).isEqualTo(second.encoded());
    }

    @Test
    void twoVersionsInTheWrongOrderAreAConflictAndAnAdmission() {
        registerParties();
        IdentifierRecord first = maker.sign(maker.itemDraft("PUMP-1"));
        IdentifierRecord second = maker.sign(parties.following(first, maker.itemDraft("PUMP-1")));

        assertThat(codes(second, first)).containsExactly(Code.CONFLICT, Code.CREATED);
        assertThat(registry.read(first.key()).orElseThrow().version()).isEqualTo(1);
    }

    @Test
    void aPrefixAndTheItemsUnderItMayComeInOneBatch() {
        List<IdentifierRecord> records = new ArrayList<>(parties.prefixRecords());
        records.add(maker.sign(maker.itemDraft("PUMP-1")));
        records.add(platform.sign(platform.itemDraft("PLAN-1")));

        assertThat(codes(records.toArray(IdentifierRecord[]::new))).containsOnly(Code.CREATED);
        assertThat(registry.lastSequence()).isEqualTo(5);
    }

    @Test
    void itemsBeforeTheirPrefixAreNotServedYet() {
        IdentifierRecord item = maker.sign(maker.itemDraft("PUMP-1"));

        assertThat(codes(item, parties.prefixRecords().get(0))).containsExactly(Code.NOT_RESPONSIBLE, Code.CREATED);
    }

    @Test
    void anItemBeforeANewVersionOfItsPrefixIsJudgedByTheOldOne() {
        registerParties();
        Party renewed = Party.withNewKeys(suite, "88.118.8");
        IdentifierRecord before = maker.sign(maker.itemDraft("PUMP-1"));
        IdentifierRecord change = root.signWithConsent(
                parties.following(current(maker), renewed.prefixDraft(root)), maker.delegatingKey());
        IdentifierRecord after = maker.sign(maker.itemDraft("PUMP-2"));

        assertThat(codes(before, change, after)).containsExactly(Code.CREATED, Code.UPDATED, Code.UNAUTHORISED);
    }

    @Test
    void theSameRecordTwiceInOneBatchIsCreatedOnce() {
        registerParties();
        IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP-1"));

        assertThat(codes(pump, pump)).containsExactly(Code.CREATED, Code.UNCHANGED);
        assertThat(registry.lastSequence()).isEqualTo(4);
    }

    @Test
    void aTreeOf64IsAdmittedButForItsBadLeaves() {
        registerParties();
        List<IdentifierRecord> tree = treeOf(64);
        List<ByteString> sent =
                new ArrayList<>(tree.stream().map(IdentifierRecord::encoded).toList());
        sent.set(17, withOtherValue(tree.get(17)));
        sent.set(40, withHeader(tree.get(40), header -> header.setTtl(1)));

        List<RegisterResult> results = registerAll(sent);

        for (int i = 0; i < 64; i++) {
            RegisterResult result = results.get(i);
            boolean isStored = registry.read(tree.get(i).key()).isPresent();
            assertThat(isStored).isEqualTo(i != 17 && i != 40);
            assertThat(result.getCode() == Code.CREATED).isEqualTo(isStored);
        }
        assertThat(results.get(17).getReason()).isEqualTo(RefusalReason.VALUES_MISMATCH);
        assertThat(results.get(40).getReason()).isEqualTo(RefusalReason.BAD_SIGNATURE);
    }

    // ---- what happens between check and commit --------------------------------------------------------------------

    @Test
    void aKeyRetiredBetweenCheckAndCommitAdmitsNothing() {
        registerParties();
        AtomicInteger commits = new AtomicInteger();
        Registrar late = registrarOn(beforeEachCommit(() -> {
            if (commits.incrementAndGet() == 1) {
                renewMaker(maker.delegatingPartyKey(KeyState.KEY_ACTIVE), maker.workingPartyKey(KeyState.KEY_RETIRED));
            }
        }));
        IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP-1"));
        IdentifierRecord plan = platform.sign(platform.itemDraft("PLAN-1"));

        List<RegisterResult> results = registerAll(late, List.of(pump.encoded(), plan.encoded()));

        assertThat(results.get(0).getReason()).isEqualTo(RefusalReason.KEY_IS_RETIRED);
        assertThat(results.get(1).getCode()).isEqualTo(Code.CREATED);
        assertThat(registry.read(pump.key())).isEmpty();
    }

    @Test
    void aPrefixRegisteredBetweenCheckAndCommitTakesTheItemsOver() {
        registerParties();
        Party workshop = Party.withNewKeys(suite, "88.118.8.1");
        AtomicInteger commits = new AtomicInteger();
        Registrar late = registrarOn(beforeEachCommit(() -> {
            if (commits.incrementAndGet() == 1) {
                created(maker.sign(workshop.prefixDraft(maker)));
            }
        }));
        IdentifierRecord byMaker = maker.sign(RecordDraft.item(workshop.identifier("x"), maker.prefix()));

        RegisterResult result = registerAll(late, List.of(byMaker.encoded())).get(0);

        assertThat(result.getReason()).isEqualTo(RefusalReason.WRONG_OWNER);
        assertThat(registry.read(byMaker.key())).isEmpty();
    }

    @Test
    void aRecordWhosePrefixNeverStandsStillIsToBeSentAgain() {
        registerParties();
        Registrar late = registrarOn(beforeEachCommit(() -> renewMaker(maker.keys(), List.of())));
        IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP-1"));

        RegisterResult result = registerAll(late, List.of(pump.encoded())).get(0);

        assertThat(result.getCode()).isEqualTo(Code.RETRY);
        assertThat(registry.read(pump.key())).isEmpty();
    }

    @Test
    void theSameRecordFromElsewhereBetweenCheckAndCommitChangesNothing() {
        registerParties();
        IdentifierRecord first = maker.sign(maker.itemDraft("PUMP-1"));
        IdentifierRecord second = maker.sign(parties.following(first, maker.itemDraft("PUMP-1")));
        Registrar late = registrarOn(beforeEachCommit(() -> codes(first, second)));

        RegisterResult result = registerAll(late, List.of(first.encoded())).get(0);

        assertThat(result.getCode()).isEqualTo(Code.UNCHANGED);
        assertThat(result.getCurrentVersion()).isEqualTo(2);
    }

    @Test
    void anotherFirstVersionBetweenCheckAndCommitIsAConflict() {
        registerParties();
        IdentifierRecord winner = maker.sign(maker.itemDraft("PUMP-1").value(9, "winner", "x"));
        IdentifierRecord loser = maker.sign(maker.itemDraft("PUMP-1"));
        Registrar late = registrarOn(beforeEachCommit(() -> register(winner)));

        RegisterResult result = registerAll(late, List.of(loser.encoded())).get(0);

        assertConflictWith(result, winner);
        assertThat(registry.read(loser.key()).orElseThrow().record()).isEqualTo(winner.encoded());
    }

    @Test
    void noItemIsCommittedAfterItsKeyIsRetired() throws Exception {
        registerParties();
        List<IdentifierRecord> items = treeOf(200);
        CountDownLatch underWay = new CountDownLatch(20);
        CompletableFuture<List<RegisterResult>> registering = CompletableFuture.supplyAsync(() -> {
            List<RegisterResult> results = new ArrayList<>();
            for (IdentifierRecord item : items) {
                results.add(register(item));
                underWay.countDown();
            }
            return results;
        });

        assertThat(underWay.await(30, TimeUnit.SECONDS)).isTrue();
        RegisterResult retirement =
                renewMaker(maker.delegatingPartyKey(KeyState.KEY_ACTIVE), maker.workingPartyKey(KeyState.KEY_RETIRED));

        for (RegisterResult result : registering.get(60, TimeUnit.SECONDS)) {
            if (result.getCode() == Code.CREATED) {
                assertThat(result.getSequence()).isLessThan(retirement.getSequence());
            } else {
                assertThat(result.getReason()).isEqualTo(RefusalReason.KEY_IS_RETIRED);
            }
        }
    }

    @Test
    void aClosedRegistryIsToldApartFromARefusal() {
        registerParties();
        ByteString pump = maker.sign(maker.itemDraft("PUMP-1")).encoded();
        registry.close();

        assertThatThrownBy(() -> registrar.register(List.of(pump))).isInstanceOf(RegistryClosedException.class);
    }

    private Registrar registrarOn(Registry other) {
        return new Registrar(other, new PrefixTable(registry), parties.anchors(), Clock.systemUTC());
    }

    /** The test's registry, on which another thread does something before each commit. */
    private Registry beforeEachCommit(Runnable elsewhere) {
        return (Registry) Proxy.newProxyInstance(
                Registry.class.getClassLoader(), new Class<?>[] {Registry.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("commit")) {
                        CompletableFuture.runAsync(elsewhere).get(30, TimeUnit.SECONDS);
                    }
                    try {
                        return method.invoke(registry, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    // ---- the registry and its records -----------------------------------------------------------------------------

    private record Snapshot(
            long sequence, Optional<StoredRecord> current, List<StoredRecord> history, List<Change> changes) {

        static Snapshot of(Registry registry, RecordKey key) {
            return new Snapshot(
                    registry.lastSequence(),
                    registry.read(key),
                    registry.history(key, 1, 1_000, Limits.FRAME_BYTES),
                    registry.changes(0, 1_000));
        }
    }

    private RegisterResult assertRefused(IdentifierRecord record, Code code, RefusalReason reason, String field) {
        return assertRefused(record.encoded(), record.key(), code, reason, field);
    }

    private RegisterResult assertRefused(ByteString record, Code code, RefusalReason reason, String field) {
        return assertRefused(record, keyOf(maker.identifier("PUMP-1")), code, reason, field);
    }

    private RegisterResult assertRefused(
            ByteString record, RecordKey key, Code code, RefusalReason reason, String field) {
        Snapshot before = Snapshot.of(registry, key);

        RegisterResult result = registerAll(List.of(record)).get(0);

        assertThat(result.getCode()).as(result.getMessage()).isEqualTo(code);
        assertThat(result.getReason()).as(result.getMessage()).isEqualTo(reason);
        assertThat(result.getField()).isEqualTo(field);
        assertThat(result.getMessage()).isNotBlank();
        assertThat(Snapshot.of(registry, key)).isEqualTo(before);
        return result;
    }

    private RegisterResult unchangedBy(IdentifierRecord record) {
        Snapshot before = Snapshot.of(registry, record.key());
        RegisterResult result = register(record);
        assertThat(Snapshot.of(registry, record.key())).isEqualTo(before);
        return result;
    }

    private void assertConflictWith(RegisterResult result, IdentifierRecord current) {
        assertThat(result.getCode()).isEqualTo(Code.CONFLICT);
        assertThat(result.getReason()).isEqualTo(RefusalReason.STALE_VERSION);
        assertThat(result.getCurrentVersion()).isEqualTo(current.version());
        assertThat(result.getCurrentDigest())
                .isEqualTo(current.digest(suite.hash()).bytes());
    }

    private void registerParties() {
        parties.prefixRecords().forEach(this::created);
    }

    private IdentifierRecord created(IdentifierRecord record) {
        RegisterResult result = register(record);
        assertThat(result.getCode())
                .as(result.getMessage())
                .isEqualTo(record.version() == 1 ? Code.CREATED : Code.UPDATED);
        return record;
    }

    private RegisterResult register(IdentifierRecord record) {
        return registerAll(List.of(record.encoded())).get(0);
    }

    private List<Code> codes(IdentifierRecord... records) {
        return registerAll(Stream.of(records).map(IdentifierRecord::encoded).toList()).stream()
                .map(RegisterResult::getCode)
                .toList();
    }

    private List<RegisterResult> registerAll(List<ByteString> records) {
        return registerAll(registrar, records);
    }

    private static List<RegisterResult> registerAll(Registrar registrar, List<ByteString> records) {
        try {
            return registrar.register(records);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private RegisterResult renewMaker(PartyKey... keys) {
        return renewMaker(List.of(keys), List.of());
    }

    private RegisterResult renewMaker(List<PartyKey> keys, List<NodeAddress> addresses) {
        RegisterResult result = register(root.signWithConsent(
                parties.following(current(maker), maker.prefixDraft(root, keys, addresses)), maker.delegatingKey()));
        assertThat(result.getCode()).as(result.getMessage()).isEqualTo(Code.UPDATED);
        return result;
    }

    private IdentifierRecord current(Party party) {
        return IdentifierRecord.parse(
                registry.read(PrefixTable.keyOf(party.prefix())).orElseThrow().record());
    }

    private List<IdentifierRecord> storedPrefixRecords() {
        return List.of(current(root), current(maker), current(platform));
    }

    private List<IdentifierRecord> treeOf(int size) {
        List<RecordDraft> drafts = IntStream.range(0, size)
                .mapToObj(i -> maker.itemDraft("PART-" + i).build())
                .toList();
        return new RecordSigner(maker.workingKey()).signAll(drafts, size);
    }

    private static RecordKey keyOf(Identifier identifier) {
        return Records.item(identifier.canonical());
    }

    private static NodeAddress nodeAddress() {
        return NodeAddress.newBuilder()
                .setFace("waymark")
                .setHost("node.example.com")
                .setPort(2640)
                .build();
    }

    private static List<PartyKey> with(List<PartyKey> keys, PartyKey another) {
        return Stream.concat(keys.stream(), Stream.of(another)).toList();
    }

    // ---- changing what was signed ---------------------------------------------------------------------------------

    private static ByteString changed(IdentifierRecord record, Consumer<SignedRecord.Builder> change) {
        SignedRecord.Builder builder = message(record).toBuilder();
        change.accept(builder);
        return builder.build().toByteString();
    }

    private static ByteString withHeader(IdentifierRecord record, Consumer<Header.Builder> change) {
        return changed(record, builder -> {
            Header.Builder header = header(builder);
            change.accept(header);
            builder.setHeader(header.build().toByteString());
        });
    }

    private static ByteString renamed(IdentifierRecord record, String identifier) {
        return withHeader(record, header -> header.getKeyBuilder().setIdentifier(identifier));
    }

    private static ByteString withOtherValue(IdentifierRecord record) {
        ByteString other = Value.newBuilder()
                .setIndex(1)
                .setType("URL")
                .setData(ByteString.copyFromUtf8("https://example.org/forged"))
                .build()
                .toByteString();
        return changed(record, builder -> builder.setValues(0, other));
    }

    /** Signs the record as it is now, with the root that its values have now. */
    private void resign(SignedRecord.Builder record, SigningKey signer) {
        ByteString header = header(record)
                .setValuesRoot(ByteString.copyFrom(rootOf(record.getValuesList())))
                .build()
                .toByteString();
        record.setHeader(header).setProof(proof(Purpose.RECORD, signer, header).toProto());
    }

    private byte[] rootOf(List<ByteString> values) {
        byte[] tag = "waymark/value/v1\0".getBytes(StandardCharsets.US_ASCII);
        List<byte[]> leaves = values.stream()
                .map(value -> MerkleTree.leaf(suite.hash(), tag, value.toByteArray()))
                .toList();
        return new MerkleTree(suite.hash(), leaves).root();
    }

    private static SignedRecord message(IdentifierRecord record) {
        try {
            return SignedRecord.parseFrom(record.encoded());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static Header.Builder header(SignedRecord.Builder record) {
        try {
            return Header.parseFrom(record.getHeader()).toBuilder();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static ByteString flipped(ByteString bytes) {
        byte[] copy = bytes.toByteArray();
        copy[0] ^= 1;
        return ByteString.copyFrom(copy);
    }
}
