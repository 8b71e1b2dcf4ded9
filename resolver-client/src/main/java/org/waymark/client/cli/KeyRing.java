package org.waymark.client.cli;

import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.waymark.identifier.Prefix;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;

/** The keys of a prefix, on their way from one version of its record to the next. */
final class KeyRing {

    private final Prefix prefix;
    private final Map<KeyId, PartyKey> keys = new LinkedHashMap<>();

    KeyRing(Prefix prefix, Collection<PartyKey> keys) {
        this.prefix = prefix;
        keys.forEach(key -> this.keys.put(key.id(), key));
    }

    /** Adds a key, or gives an active one other roles. */
    void add(PartyKey key) {
        PartyKey before = keys.get(key.id());
        if (before != null && !before.isActive()) {
            throw new UsageException("the key " + key.id() + " is retired or revoked and can't come back");
        }
        keys.put(key.id(), key);
    }

    /** These roles, and those that the key has already. */
    Set<KeyRole> rolesOf(KeyId id, Set<KeyRole> more) {
        Set<KeyRole> roles = EnumSet.copyOf(more);
        PartyKey before = keys.get(id);
        if (before != null) {
            roles.addAll(before.roles());
        }
        return roles;
    }

    void retire(KeyId id) {
        PartyKey key = require(id);
        if (key.isRevoked()) {
            throw new UsageException("the key " + id + " is revoked, and stays so");
        }
        keys.put(id, key.in(KeyState.KEY_RETIRED));
    }

    /**
     * Revokes a key.
     *
     * @param since of {@link PartyKey#revokedAt}
     */
    void revoke(KeyId id, long since) {
        keys.put(id, require(id).revokedSince(since));
    }

    /** The key with this id. */
    PartyKey require(KeyId id) {
        PartyKey key = keys.get(id);
        if (key == null) {
            throw new UsageException("the key " + id + " is none of " + prefix + ", which has "
                    + keys.values().stream()
                            .map(known -> known.id() + " (" + PrefixReport.state(known) + ")")
                            .collect(Collectors.joining(", ")));
        }
        return key;
    }

    /** Refuses keys of which none may consent to the version after. */
    void requireDelegate(KeyId gone) {
        if (keys.values().stream().noneMatch(key -> key.isActive() && key.has(KeyRole.DELEGATE))) {
            throw new UsageException("the key " + gone + " is the last active one of " + prefix
                    + " with the role delegate: without it nothing could consent to the next version. Give the prefix"
                    + " another one first (waymark rotate, or waymark delegate --key)");
        }
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    boolean mayDelegate(KeyId id) {
        PartyKey key = keys.get(id);
        return key != null && key.has(KeyRole.DELEGATE);
    }

    List<PartyKey> keys() {
        return List.copyOf(keys.values());
    }
}
