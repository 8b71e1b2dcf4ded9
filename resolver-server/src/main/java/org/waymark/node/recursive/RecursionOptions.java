package org.waymark.node.recursive;

import java.time.Duration;
import java.util.List;
import org.waymark.trust.Anchor;

/**
 * How a recursive node looks up what is not served here. Immutable.
 *
 * @param nodes where a look-up begins: the first one that can be reached; as {@link
 *     org.waymark.client.NodeClientOptions.Builder#nodes} has them
 * @param anchors what answers are verified from
 * @param clients from where look-ups are taken; the others are answered as by a node that is not recursive
 * @param maxInFlight look-ups under way at other nodes at a time
 * @param maxInFlightPerClient look-ups of one address that wait for other nodes at a time
 * @param ratePerSecond look-ups a second of one address that what is kept can't answer
 * @param timeout how long one node may take
 * @param staleFor how long after the end of its life an answer may be given out where nothing better can be had; zero: never
 * @param backOff for how long a node that gave no answer is left alone
 * @param cacheBytes what answers that are kept may take
 */
public record RecursionOptions(
        boolean enabled,
        List<String> nodes,
        List<Anchor> anchors,
        List<AddressRange> clients,
        int maxInFlight,
        int maxInFlightPerClient,
        int ratePerSecond,
        Duration timeout,
        Duration staleFor,
        Duration backOff,
        long cacheBytes) {

    public RecursionOptions {
        nodes = List.copyOf(nodes);
        anchors = List.copyOf(anchors);
        clients = List.copyOf(clients);
    }
}
