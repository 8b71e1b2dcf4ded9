package org.waymark.lifecycle;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.waymark.Limits;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.record.InvalidRecordException;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.Purpose;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Statement;
import org.waymark.v1.Application;
import org.waymark.v1.IdentifierScheme;
import org.waymark.v1.KeyRole;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.SignedStatement;

/** An enterprise's application for a prefix: within its limits, and signed by the key that it asks for. Immutable. */
public final class PrefixApplication {

    private static final String FIELD = "application";
    private static final int CONTACT_BYTES = 256;
    private static final int SALT_BYTES = 16;

    private final Application message;
    private final Statement statement;
    private final Prefix under;
    private final Prefix wished;
    private final List<PartyKey> keys;

    private PrefixApplication(
            Application message, Statement statement, Prefix under, Prefix wished, List<PartyKey> keys) {
        this.message = message;
        this.statement = statement;
        this.under = under;
        this.wished = wished;
        this.keys = keys;
    }

    /**
     * Signs an application.
     *
     * @param draft all but format and salt
     * @param key the first of its keys
     * @throws InvalidRecordException if a rule of {@code Application} is broken
     */
    public static PrefixApplication sign(Application draft, SigningKey key) {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        ByteString bytes = draft.toBuilder()
                .setFormat(1)
                .setSalt(ByteString.copyFrom(salt))
                .build()
                .toByteString();
        return read(Statement.sign(key, Purpose.APPLICATION, bytes));
    }

    /**
     * Reads an application and checks its signature.
     *
     * @throws InvalidRecordException if a rule of {@code Application} is broken
     */
    public static PrefixApplication parse(SignedStatement signed) {
        return read(Statement.of(FIELD, Purpose.APPLICATION, signed, Limits.APPLICATION_BYTES));
    }

    private static PrefixApplication read(Statement statement) {
        Application message;
        try {
            message = Application.parseFrom(statement.bytes());
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidRecordException(FIELD, "is not an encoded Application");
        }
        if (message.getFormat() != 1) {
            throw fault("format", "is " + Integer.toUnsignedString(message.getFormat()) + "; it must be 1");
        }
        Prefix under = prefix(FIELD + ".under", message.getScheme(), message.getUnder());
        Prefix wished = null;
        if (!message.getWished().isEmpty()) {
            wished = prefix(FIELD + ".wished", message.getScheme(), message.getWished());
            if (wished.equals(under) || !under.covers(wished)) {
                throw fault("wished", "is " + wished.canonical() + ", which is not below " + under.canonical());
            }
        }
        PrefixRecord.requireValid(FIELD, description(message));
        requireContact(message.getContact());
        try {
            new CreditCode(message.getCreditCode());
        } catch (InvalidRecordException e) {
            throw fault(e.field(), e.rule());
        }
        if (message.getSalt().size() != SALT_BYTES) {
            throw fault("salt", "must be " + SALT_BYTES + " bytes");
        }
        if (message.getAppliedAt() < 0) {
            throw fault("applied_at", "must be UTC epoch milliseconds");
        }
        requireAddresses(message.getAddressesList());
        List<PartyKey> keys = keys(message);
        if (!statement.isSignedBy(keys.get(0).key())) {
            throw fault(
                    "proof",
                    "does not verify with the first of the keys: " + keys.get(0).id());
        }
        return new PrefixApplication(message, statement, under, wished, keys);
    }

    static Prefix prefix(String field, IdentifierScheme scheme, String text) {
        Prefix prefix;
        try {
            prefix = Prefix.of(Scheme.ofCode(scheme == IdentifierScheme.UNRECOGNIZED ? 0 : scheme.getNumber()), text);
        } catch (InvalidIdentifierException e) {
            throw new InvalidRecordException(field, "is no prefix: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new InvalidRecordException(field, e.getMessage());
        }
        if (!prefix.canonical().equals(text)) {
            throw new InvalidRecordException(field, "must be canonical: " + prefix.canonical());
        }
        return prefix;
    }

    private static void requireContact(String contact) {
        int bytes = contact.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > CONTACT_BYTES) {
            throw fault("contact", "has " + bytes + " bytes; 1 to " + CONTACT_BYTES + " are allowed");
        }
    }

    private static void requireAddresses(List<NodeAddress> addresses) {
        if (addresses.size() > Limits.APPLICATION_ADDRESSES) {
            throw InvalidRecordException.overLimit(
                    FIELD + ".addresses", "entries", addresses.size(), Limits.APPLICATION_ADDRESSES);
        }
        for (int i = 0; i < addresses.size(); i++) {
            PrefixRecord.requireValid(FIELD + ".addresses[" + i + "]", addresses.get(i));
        }
    }

    private static List<PartyKey> keys(Application message) {
        int count = message.getKeysCount();
        if (count < 1 || count > Limits.APPLICATION_KEYS) {
            throw fault("keys", "has " + count + " entries; 1 to " + Limits.APPLICATION_KEYS + " are allowed");
        }
        List<PartyKey> keys = IntStream.range(0, count)
                .mapToObj(i -> PartyKey.of(FIELD + ".keys[" + i + "]", message.getKeys(i)))
                .toList();
        Set<KeyId> ids = new HashSet<>();
        for (int i = 0; i < count; i++) {
            if (!keys.get(i).isActive()) {
                throw fault("keys[" + i + "].state", "must be active");
            }
            if (!ids.add(keys.get(i).id())) {
                throw fault("keys[" + i + "]", "names a key for the second time");
            }
        }
        if (!keys.get(0).has(KeyRole.DELEGATE)) {
            throw fault("keys[0].roles", "must hold DELEGATE");
        }
        return keys;
    }

    private static InvalidRecordException fault(String field, String rule) {
        return new InvalidRecordException(FIELD + "." + field, rule);
    }

    private static PrefixDescription description(Application message) {
        return PrefixDescription.newBuilder()
                .setName(message.getName())
                .setRegistration(message.getCreditCode())
                .setIndustry(message.getIndustry())
                .build();
    }

    /** What the prefix record says about the party. It has no contact: records are public, and the application is not. */
    public PrefixDescription description() {
        return description(message);
    }

    /** The number of the case that this opens. */
    public CaseNumber number() {
        return new CaseNumber(statement.digest(keys.get(0).key().suite().hash()));
    }

    public Prefix under() {
        return under;
    }

    /** Empty where any prefix under {@link #under()} will do. */
    public Optional<Prefix> wished() {
        return Optional.ofNullable(wished);
    }

    /** All active; the first one signed. */
    public List<PartyKey> keys() {
        return keys;
    }

    /** Empty where the prefix is to be hosted. */
    public List<NodeAddress> addresses() {
        return message.getAddressesList();
    }

    public String contact() {
        return message.getContact();
    }

    /** UTC epoch milliseconds. */
    public long appliedAt() {
        return message.getAppliedAt();
    }

    public SignedStatement toProto() {
        return statement.toProto();
    }
}
