package org.waymark.client;

import java.util.List;
import java.util.Optional;
import org.waymark.identifier.Identifier;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.AbsenceDenial;
import org.waymark.trust.PrefixRecord;

/**
 * How a look-up ended. What a node signed or passed on was verified, unless the client was built without verification; what
 * only the node says (that it is not responsible, that there is no record where it does not sign that) can't be.
 */
public sealed interface Resolution {

    /** What was asked for. */
    Identifier identifier();

    Provenance provenance();

    /**
     * There is an active record.
     *
     * @param record may hold only some values; see {@link IdentifierRecord#isPartial()}
     * @param chain prefix records from the anchor's to the owner's; empty where verification is off
     */
    record Found(Identifier identifier, IdentifierRecord record, List<PrefixRecord> chain, Provenance provenance)
            implements Resolution {

        /**
         * True where a key signed that the registrant allows to sign on its behalf (role ON_BEHALF), such as its node's: the record is
         * that key's word. False where verification is off.
         */
        public boolean isOnBehalf() {
            return !chain.isEmpty() && chain.get(chain.size() - 1).isOnBehalf(record);
        }
    }

    /**
     * There was a record, and it is no longer valid.
     *
     * @param evidence the signed record that says so
     * @param chain prefix records from the anchor's down to the one that vouches for the evidence; empty where verification is
     *     off
     */
    record Revoked(
            Identifier identifier,
            Reason reason,
            IdentifierRecord evidence,
            List<PrefixRecord> chain,
            Provenance provenance)
            implements Resolution {

        /** What was revoked. */
        public enum Reason {
            /** The record: the evidence is its revoked version. */
            RECORD,
            /** A prefix above it: the evidence is that prefix record. */
            PREFIX,
            /**
             * The key that signed it, or signed a prefix record above it: it is revoked or has lost its role. The evidence is the
             * record of the prefix that it belonged to; which of its keys it was is the node's word.
             */
            KEY
        }
    }

    /**
     * Another node answers for this prefix.
     *
     * @param prefix the prefix record, with the node's addresses
     * @param chain prefix records from the anchor's to that one; empty where verification is off
     */
    record Referral(Identifier identifier, PrefixRecord prefix, List<PrefixRecord> chain, Provenance provenance)
            implements Resolution {}

    /**
     * The node serves the prefix and says that there is no such record.
     *
     * @param owner canonical text of the longest registered prefix above the identifier
     * @param message for people; may be empty
     * @param proof the node's signed word, verified; empty where it is unsigned, or served after its time because what lies below the
     *     node is away. {@link AbsenceDenial} says what it proves and what not
     * @param chain prefix records from the anchor's to the owner's; empty where verification is off
     */
    record NotFound(
            Identifier identifier,
            String owner,
            String message,
            Optional<AbsenceDenial> proof,
            List<PrefixRecord> chain,
            Provenance provenance)
            implements Resolution {

        /** True where a key that may deny it has signed that there is no record. */
        public boolean isProven() {
            return proof.isPresent();
        }
    }

    /** No prefix of the identifier is served by the node. */
    record NotResponsible(Identifier identifier, String message, Provenance provenance) implements Resolution {}

    /**
     * The node does not take this for an identifier.
     *
     * @param position offset of the fault in the canonical text, in characters from 0
     */
    record InvalidIdentifier(Identifier identifier, String message, int position, Provenance provenance)
            implements Resolution {}
}
