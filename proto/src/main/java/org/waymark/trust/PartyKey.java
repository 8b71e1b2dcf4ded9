package org.waymark.trust;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.waymark.record.InvalidRecordException;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
import org.waymark.v1.PrefixKey;

/**
 * A key in a prefix record, with its state and what it may sign. Immutable.
 *
 * @param revokedAt of a revoked key, UTC epoch milliseconds: items that it signed up to then still verify; 0: nothing by it does
 */
public record PartyKey(VerifyingKey key, KeyState state, Set<KeyRole> roles, long revokedAt) {

    public PartyKey {
        if (revokedAt < 0 || revokedAt != 0 && state != KeyState.KEY_REVOKED) {
            throw new InvalidRecordException("revoked_at", "must be a time, and only of a revoked key");
        }
        if (roles.isEmpty()) {
            throw new InvalidRecordException("roles", "must name at least one role");
        }
        roles = Collections.unmodifiableSet(EnumSet.copyOf(roles));
    }

    /** An active key with these roles. */
    public static PartyKey active(VerifyingKey key, Collection<KeyRole> roles) {
        return new PartyKey(key, KeyState.KEY_ACTIVE, Set.copyOf(roles), 0);
    }

    /** The same key in another state. */
    public PartyKey in(KeyState newState) {
        return new PartyKey(key, newState, roles, 0);
    }

    /**
     * The same key, revoked.
     *
     * @param time of {@link #revokedAt}
     */
    public PartyKey revokedSince(long time) {
        return new PartyKey(key, KeyState.KEY_REVOKED, roles, time);
    }

    public KeyId id() {
        return key.id();
    }

    public boolean isActive() {
        return state == KeyState.KEY_ACTIVE;
    }

    public boolean isRevoked() {
        return state == KeyState.KEY_REVOKED;
    }

    public boolean has(KeyRole role) {
        return roles.contains(role);
    }

    /**
     * True where the key may do what this role is for: it has the role, or the role is RECORDS and the key signs on behalf of the
     * registrant (ON_BEHALF).
     */
    public boolean serves(KeyRole role) {
        return has(role) || role == KeyRole.RECORDS && has(KeyRole.ON_BEHALF);
    }

    /** True where what the key signs as an item was not signed by the registrant, but by somebody whom it allowed to. */
    public boolean signsOnBehalf() {
        return has(KeyRole.ON_BEHALF) && !has(KeyRole.RECORDS);
    }

    /**
     * True where what the key signed stays valid as far as its state goes: unless it is revoked, or else for items up to {@link
     * #revokedAt}. Prefix records hang on no claimed time.
     *
     * @param role that it signed with
     * @param signedAt UTC epoch milliseconds: what the record claims, or when it is known to have been registered if that is later
     */
    public boolean vouchesFor(KeyRole role, long signedAt) {
        return !isRevoked() || role == KeyRole.RECORDS && signedAt <= revokedAt;
    }

    static PartyKey parse(String field, ByteString data) {
        try {
            return of(field, PrefixKey.parseFrom(data));
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidRecordException(field, "is not an encoded PrefixKey");
        }
    }

    /**
     * Reads a key.
     *
     * @param field what it is called where it is at fault
     * @throws InvalidRecordException if it breaks a rule of {@code PrefixKey}
     */
    public static PartyKey of(String field, PrefixKey message) {
        EnumSet<KeyRole> roles = EnumSet.noneOf(KeyRole.class);
        int last = 0;
        for (KeyRole role : message.getRolesList()) {
            if (role == KeyRole.UNRECOGNIZED || role.getNumber() <= last) {
                throw new InvalidRecordException(field + ".roles", "must be known roles, ascending, each once");
            }
            last = role.getNumber();
            roles.add(role);
        }
        if (roles.isEmpty()) {
            throw new InvalidRecordException(field + ".roles", "must name at least one role");
        }
        KeyState state = message.getState();
        if (state == KeyState.KEY_STATE_UNSPECIFIED || state == KeyState.UNRECOGNIZED) {
            throw new InvalidRecordException(field + ".state", "must be active, retired or revoked");
        }
        if (message.getRevokedAt() < 0 || message.getRevokedAt() != 0 && state != KeyState.KEY_REVOKED) {
            throw new InvalidRecordException(field + ".revoked_at", "must be a time, and only of a revoked key");
        }
        try {
            return new PartyKey(
                    VerifyingKey.decode(message.getPublicKey().toByteArray()), state, roles, message.getRevokedAt());
        } catch (IllegalArgumentException e) {
            throw new InvalidRecordException(field + ".public_key", "is not usable: " + e.getMessage());
        }
    }

    public PrefixKey toProto() {
        PrefixKey.Builder message = PrefixKey.newBuilder()
                .setPublicKey(ByteString.copyFrom(key.encoded()))
                .setState(state)
                .setRevokedAt(revokedAt);
        roles.stream().sorted().forEach(message::addRoles);
        return message.build();
    }
}
