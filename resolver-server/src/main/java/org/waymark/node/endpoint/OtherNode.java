package org.waymark.node.endpoint;

import com.google.protobuf.ByteString;
import java.util.Comparator;
import java.util.Optional;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.Outcome;

/** Where a referral leads to on the web. */
public final class OtherNode {

    private static final String FACE = "https";
    private static final int USUAL_PORT = 443;

    private OtherNode() {}

    /**
     * Scheme, host and port of the node that serves the prefix, the first by priority.
     *
     * @param referral an answer with the outcome {@code REFERRAL}
     * @return empty: that node has no address for HTTP
     */
    public static Optional<String> webOrigin(StoredAnswer referral) {
        if (referral.outcome() != Outcome.REFERRAL) {
            throw new IllegalArgumentException("the outcome is " + referral.outcome() + ", not REFERRAL");
        }
        return prefix(referral).addresses().stream()
                .filter(address -> address.getFace().equals(FACE))
                .min(Comparator.comparingInt(address -> address.getPriority()))
                .map(OtherNode::origin);
    }

    /** The prefix record that a referral carries. */
    public static PrefixRecord prefix(StoredAnswer referral) {
        return PrefixRecord.of(IdentifierRecord.parse(ByteString.copyFrom(referral.payload())));
    }

    private static String origin(NodeAddress address) {
        String host = address.getHost().indexOf(':') < 0 ? address.getHost() : "[" + address.getHost() + "]";
        return "https://" + host + (address.getPort() == USUAL_PORT ? "" : ":" + address.getPort());
    }
}
