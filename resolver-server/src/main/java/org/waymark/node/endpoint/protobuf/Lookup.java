package org.waymark.node.endpoint.protobuf;

import org.waymark.node.resolve.Query;

/** One look-up as it was read from a request. */
sealed interface Lookup {

    /** To be resolved. */
    record Asked(Query query) implements Lookup {}

    /**
     * Names what can't be an identifier.
     *
     * @param message which rule it breaks, for people
     */
    record NoIdentifier(String message) implements Lookup {}
}
