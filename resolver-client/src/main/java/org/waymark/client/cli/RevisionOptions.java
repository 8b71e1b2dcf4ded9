package org.waymark.client.cli;

import java.io.IOException;
import org.waymark.client.NodeClient;
import org.waymark.trust.KeySource;
import org.waymark.trust.SigningKey;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that sign the next version of a prefix record. */
final class RevisionOptions {

    @Mixin
    private NodeOptions node;

    @Mixin
    private NodeOptions.AnchorOptions trust;

    @Mixin
    private PassphraseOptions passphrases;

    @Option(
            names = "--parent-key",
            required = true,
            paramLabel = "KEY",
            description =
                    "Private key, with the role DELEGATE, of the longest registered prefix above; of the prefix itself"
                            + " for one that signs itself. FILE, FILE.p12#ALIAS or pkcs11:CONFIG#ALIAS.")
    private KeySource parentKey;

    @Option(
            names = "--consent-key",
            paramLabel = "KEY",
            description =
                    "Private key, with the role DELEGATE, of the version before: the prefix consents to the new one.")
    private KeySource consentKey;

    @Option(
            names = "--epoch",
            description = "Do without consent: the epoch rises, and the records of the prefix have to be signed anew.")
    private boolean newEpoch;

    @Option(
            names = "--expires",
            paramLabel = "DAYS",
            description =
                    "After how many days the record has to be renewed: 1 to 3650. Default: 365; to rotate or revoke"
                            + " a key, the end that there is, unless it has passed.")
    private Integer expiresDays;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    /** Refuses values that are not allowed. */
    void check() {
        if (hasExpires() && (expiresDays < 1 || expiresDays > 3_650)) {
            throw new UsageException("--expires must be 1 to 3650 days, not " + expiresDays);
        }
    }

    NodeClient connect() {
        return node.connect();
    }

    NodeOptions node() {
        return node;
    }

    NodeOptions.AnchorOptions trust() {
        return trust;
    }

    PassphraseOptions passphrases() {
        return passphrases;
    }

    SigningKey openSigner() throws IOException {
        return passphrases.open(parentKey);
    }

    /** Null where none is given. */
    SigningKey openConsenting() throws IOException {
        return consentKey == null ? null : passphrases.open(consentKey);
    }

    boolean isNewEpoch() {
        return newEpoch;
    }

    boolean hasExpires() {
        return expiresDays != null;
    }

    int expiresDays() {
        return hasExpires() ? expiresDays : 365;
    }

    boolean isJson() {
        return json;
    }
}
