package org.waymark.trust;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.waymark.Limits;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordValue;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.RecordKind;

/**
 * What a prefix record says: who the party is, its keys, its node's addresses. Immutable. It says nothing about whether the
 * record verifies; see {@link TrustedPrefix}.
 */
public final class PrefixRecord {

    /** The value type of {@code PrefixDescription}. */
    public static final String DESCRIPTION_TYPE = "waymark.prefix";

    /** The value type of {@code PrefixKey}. */
    public static final String KEY_TYPE = "waymark.key";

    /**
     * The value type of a public key in the encoding of the Handle System: see {@link HandleKey}. It authenticates the party to the
     * node's Handle face, and signs nothing that is kept.
     */
    public static final String HANDLE_KEY_TYPE = "HS_PUBKEY";

    /** The value type of {@code NodeAddress}. */
    public static final String NODE_TYPE = "waymark.node";

    private static final long DESCRIPTION_INDEX = 1;
    private static final long FIRST_NODE_INDEX = 3;
    private static final long LAST_NODE_INDEX = 99;
    private static final long FIRST_KEY_INDEX = 300;
    private static final long LAST_KEY_INDEX = FIRST_KEY_INDEX + Limits.PREFIX_KEYS - 1;
    private static final long FIRST_HANDLE_KEY_INDEX = 390;
    private static final Set<String> FACES = Set.of("waymark", "waymark-tls", "handle", "https");
    private static final int HOST_BYTES = 253;
    private static final int CONTACT_BYTES = 256;
    private static final int CODE_BYTES = 64;

    private final IdentifierRecord record;
    private final Prefix prefix;
    private final Prefix owner;
    private final PrefixDescription description;
    private final Map<KeyId, PartyKey> keys;
    private final List<NodeAddress> addresses;

    private PrefixRecord(
            IdentifierRecord record,
            Prefix prefix,
            Prefix owner,
            PrefixDescription description,
            Map<KeyId, PartyKey> keys,
            List<NodeAddress> addresses) {
        this.record = record;
        this.prefix = prefix;
        this.owner = owner;
        this.description = description;
        this.keys = keys;
        this.addresses = addresses;
    }

    /**
     * Reads what a record of kind PREFIX says.
     *
     * @throws InvalidRecordException if it is of another kind, partial, or a value breaks its rule
     * @throws org.waymark.identifier.InvalidIdentifierException if the prefix or its owner breaks the scheme's grammar
     */
    public static PrefixRecord of(IdentifierRecord record) {
        if (record.kind() != RecordKind.PREFIX) {
            throw new InvalidRecordException("header.key.kind", "must be PREFIX");
        }
        if (record.isPartial()) {
            throw new InvalidRecordException("values", "must all be there in a prefix record");
        }
        Prefix prefix = Prefix.of(record.scheme(), record.key().identifier());
        if (!prefix.canonical().equals(record.key().identifier())) {
            throw new InvalidRecordException("header.key.identifier", "must be canonical: " + prefix.canonical());
        }
        Prefix owner = record.owner();
        if (!owner.canonical().equals(record.ownerText()) || !owner.covers(prefix)) {
            throw new InvalidRecordException("header.owner", "must be this prefix or one above it, in canonical text");
        }
        PrefixDescription description = null;
        Map<KeyId, PartyKey> keys = new LinkedHashMap<>();
        List<NodeAddress> addresses = new ArrayList<>();
        for (int i = 0; i < record.values().size(); i++) {
            RecordValue value = record.values().get(i);
            String field = "values[" + i + "]";
            if (!value.isPublic()) {
                throw new InvalidRecordException(field + ".readers", "must be empty in a prefix record");
            }
            switch (value.type()) {
                case DESCRIPTION_TYPE -> {
                    requireIndex(field, value.index(), DESCRIPTION_INDEX, DESCRIPTION_INDEX);
                    description = parseDescription(field + ".data", value);
                }
                case NODE_TYPE -> {
                    requireIndex(field, value.index(), FIRST_NODE_INDEX, LAST_NODE_INDEX);
                    addresses.add(parseAddress(field + ".data", value));
                }
                case KEY_TYPE -> {
                    requireIndex(field, value.index(), FIRST_KEY_INDEX, LAST_KEY_INDEX);
                    PartyKey key = PartyKey.parse(field + ".data", value.data());
                    if (key.revokedAt() > record.issuedAt()) {
                        throw new InvalidRecordException(
                                field + ".data.revoked_at", "must not be after the record's own time");
                    }
                    if (keys.put(key.id(), key) != null) {
                        throw new InvalidRecordException(field, "names a key for the second time");
                    }
                }
                default -> {
                    // Other values describe the party for people; they have no rule of their own.
                }
            }
        }
        if (description == null) {
            throw new InvalidRecordException("values", "must hold a " + DESCRIPTION_TYPE + " at index 1");
        }
        return new PrefixRecord(record, prefix, owner, description, keys, List.copyOf(addresses));
    }

    private static void requireIndex(String field, long index, long from, long to) {
        if (index < from || index > to) {
            throw new InvalidRecordException(field + ".index", "must be " + from + " to " + to + " for this type");
        }
    }

    private static PrefixDescription parseDescription(String field, RecordValue value) {
        try {
            PrefixDescription description = PrefixDescription.parseFrom(value.data());
            requireValid(field, description);
            return description;
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidRecordException(field, "is not an encoded PrefixDescription");
        }
    }

    /**
     * Does nothing if a description is within its limits.
     *
     * @throws InvalidRecordException otherwise
     */
    public static void requireValid(String field, PrefixDescription description) {
        int nameBytes = utf8Length(description.getName());
        if (nameBytes < 1 || nameBytes > Limits.PARTY_NAME_BYTES) {
            throw new InvalidRecordException(
                    field + ".name", "has " + nameBytes + " bytes; 1 to " + Limits.PARTY_NAME_BYTES + " are allowed");
        }
        requireAtMost(field + ".contact", description.getContact(), CONTACT_BYTES);
        requireAtMost(field + ".registration", description.getRegistration(), CODE_BYTES);
        requireAtMost(field + ".industry", description.getIndustry(), CODE_BYTES);
    }

    private static NodeAddress parseAddress(String field, RecordValue value) {
        try {
            NodeAddress address = NodeAddress.parseFrom(value.data());
            requireValid(field, address);
            return address;
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidRecordException(field, "is not an encoded NodeAddress");
        }
    }

    /**
     * Does nothing if an address keeps its rules.
     *
     * @throws InvalidRecordException otherwise
     */
    public static void requireValid(String field, NodeAddress address) {
        if (!FACES.contains(address.getFace())) {
            throw new InvalidRecordException(field + ".face", "must be waymark, waymark-tls, handle or https");
        }
        int hostBytes = utf8Length(address.getHost());
        if (hostBytes < 1 || hostBytes > HOST_BYTES) {
            throw new InvalidRecordException(field + ".host", "must have 1 to " + HOST_BYTES + " bytes");
        }
        if (address.getPort() < 1 || address.getPort() > 65_535) {
            throw new InvalidRecordException(field + ".port", "must be 1 to 65535");
        }
    }

    private static void requireAtMost(String field, String text, int bytes) {
        if (utf8Length(text) > bytes) {
            throw InvalidRecordException.overLimit(field, "bytes", utf8Length(text), bytes);
        }
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * Adds the values of a prefix record to a draft, at indexes that the draft has not taken.
     *
     * @param keys at most 100
     * @param addresses at most 97
     * @throws InvalidRecordException if there are more
     */
    public static RecordDraft.Builder describe(
            RecordDraft.Builder draft,
            PrefixDescription description,
            Collection<PartyKey> keys,
            Collection<NodeAddress> addresses) {
        draft.value(DESCRIPTION_INDEX, DESCRIPTION_TYPE, description);
        long index = FIRST_NODE_INDEX;
        for (NodeAddress address : addresses) {
            index = draft.freeIndex(index);
            requireIndex("addresses", index, FIRST_NODE_INDEX, LAST_NODE_INDEX);
            draft.value(index++, NODE_TYPE, address);
        }
        index = FIRST_KEY_INDEX;
        for (PartyKey key : keys) {
            index = draft.freeIndex(index);
            requireIndex("keys", index, FIRST_KEY_INDEX, LAST_KEY_INDEX);
            draft.value(index++, KEY_TYPE, key.toProto());
        }
        return draft;
    }

    /**
     * Adds keys for the Handle face to a draft, from index {@value #FIRST_HANDLE_KEY_INDEX} on.
     *
     * @param keys at most 10
     * @throws InvalidRecordException if there are more
     */
    public static RecordDraft.Builder describeHandleKeys(RecordDraft.Builder draft, Collection<HandleKey> keys) {
        long index = FIRST_HANDLE_KEY_INDEX;
        for (HandleKey key : keys) {
            index = draft.freeIndex(index);
            requireIndex("handleKeys", index, FIRST_HANDLE_KEY_INDEX, LAST_KEY_INDEX);
            draft.value(index++, HANDLE_KEY_TYPE, key.encoded());
        }
        return draft;
    }

    public IdentifierRecord record() {
        return record;
    }

    public Prefix prefix() {
        return prefix;
    }

    /** The prefix whose DELEGATE key signs this record; the prefix itself, for a root. */
    public Prefix owner() {
        return owner;
    }

    /** True where the prefix signs its own record, so that only an anchor can vouch for it. */
    public boolean isSelfSigned() {
        return owner.equals(prefix);
    }

    /**
     * True where this version says what the one before it says, but for its status. The prefix above may say so by itself: it takes no
     * key from the party, and gives none to anybody.
     */
    public boolean changesStatusAlone(PrefixRecord before) {
        return prefix.equals(before.prefix)
                && owner.equals(before.owner)
                && epoch() == before.epoch()
                && record.expiresAt() == before.record.expiresAt()
                && encodedValues().equals(before.encodedValues());
    }

    private List<ByteString> encodedValues() {
        return record.values().stream().map(RecordValue::encoded).toList();
    }

    public long epoch() {
        return record.epoch();
    }

    public PrefixDescription description() {
        return description;
    }

    /** All keys, in the order of their indexes. */
    public Collection<PartyKey> keys() {
        return keys.values();
    }

    public Optional<PartyKey> key(KeyId id) {
        return Optional.ofNullable(keys.get(id));
    }

    /**
     * The keys by which the party authenticates to the node's Handle face, as they are encoded, by the indexes of their values. A key
     * that this version does not know may be one of them.
     */
    public Map<Long, ByteString> handleKeys() {
        Map<Long, ByteString> found = new TreeMap<>();
        for (RecordValue value : record.values()) {
            if (value.type().equals(HANDLE_KEY_TYPE)) {
                found.put(value.index(), value.data());
            }
        }
        return found;
    }

    /** What there is beside the description, the addresses and the keys that sign, in the order of the indexes. */
    public List<RecordValue> otherValues() {
        Set<String> own = Set.of(DESCRIPTION_TYPE, NODE_TYPE, KEY_TYPE);
        return record.values().stream()
                .filter(value -> !own.contains(value.type()))
                .toList();
    }

    /** True where an item is signed by a key that this party allows to sign on its behalf, so not by the party itself. */
    public boolean isOnBehalf(IdentifierRecord item) {
        return key(new KeyId(item.keyId())).filter(PartyKey::signsOnBehalf).isPresent();
    }

    /** Where the prefix's own node is reached; empty where the prefix is hosted. */
    public List<NodeAddress> addresses() {
        return addresses;
    }

    @Override
    public String toString() {
        return prefix + " version " + record.version();
    }
}
