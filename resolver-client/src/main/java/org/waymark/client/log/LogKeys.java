package org.waymark.client.log;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.log.LogFormatException;
import org.waymark.log.NoteKey;
import org.waymark.trust.PartyKey;
import org.waymark.v1.KeyRole;

/** Which keys may sign for a log. */
@FunctionalInterface
public interface LogKeys {

    /**
     * The keys of a log.
     *
     * @throws LogFormatException if the log's name is none that keys are known for
     */
    List<NoteKey> of(String origin);

    /** These, for the logs of their names. */
    static LogKeys given(List<NoteKey> keys) {
        List<NoteKey> all = List.copyOf(keys);
        return origin -> all.stream().filter(key -> key.name().equals(origin)).toList();
    }

    /**
     * The active keys with the role NODE of the prefix that the log's name begins with, whose record is verified from the client's
     * anchors.
     */
    static LogKeys named(ResolverClient client) {
        return origin -> {
            int end = origin.indexOf('/');
            if (end < 0) {
                throw new LogFormatException("the log " + origin + " names no prefix, so that its key must be given");
            }
            Prefix prefix;
            try {
                prefix = Prefix.parse(URLDecoder.decode(origin.substring(0, end), StandardCharsets.UTF_8));
            } catch (InvalidIdentifierException e) {
                throw new LogFormatException("the log " + origin + " names no prefix: " + e.getMessage());
            }
            return client.blocking().trust(prefix).prefixRecord().keys().stream()
                    .filter(key -> key.isActive() && key.has(KeyRole.NODE))
                    .map(PartyKey::key)
                    .map(key -> NoteKey.ofLog(origin, key))
                    .toList();
        };
    }
}
