package org.waymark.client;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.waymark.identifier.Prefix;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.NodeAddress;

/** Which node serves which prefix, as far as referrals have told, while they hold. Safe for use by many threads. */
final class Routes {

    private static final int KEPT = 10_000;

    /**
     * The way to the node of a prefix.
     *
     * @param prefix null for the nodes that the client was built with
     * @param addresses in the order in which they are tried
     * @param expiresNanos by {@link System#nanoTime()}; of no meaning where there is no prefix
     */
    record Route(Prefix prefix, List<NodeAddress> addresses, RecordSource source, long expiresNanos) {

        boolean isHome() {
            return prefix == null;
        }

        private boolean holds() {
            return expiresNanos - System.nanoTime() > 0;
        }

        /** For people: whose node this is, and where. */
        @Override
        public String toString() {
            return isHome() ? "the node that was asked first" : "the node of " + prefix + " at " + places();
        }

        /** All addresses. */
        String places() {
            return addresses.stream()
                    .map(address -> new NodeClientOptions.Node(
                                    address.getHost(),
                                    address.getPort(),
                                    address.getFace().equals(ReferredNodes.TLS_FACE))
                            .toString())
                    .collect(Collectors.joining(", "));
        }
    }

    private final Route home;
    private final Function<List<NodeAddress>, RecordSource> sources;
    private final BoundedMap<Prefix, Route> known = new BoundedMap<>(KEPT);

    /**
     * @param sources makes the source for addresses that are {@link ReferredNodes#usable}
     */
    Routes(RecordSource home, Function<List<NodeAddress>, RecordSource> sources) {
        this.home = new Route(null, List.of(), home, 0);
        this.sources = sources;
    }

    /** To the nodes that the client was built with. */
    Route home() {
        return home;
    }

    /**
     * To the node of the longest of these prefixes that has a known one; else home.
     *
     * @param ladder the longest first
     */
    Route longest(List<Prefix> ladder) {
        for (Prefix rung : ladder) {
            Route route = known.get(rung);
            if (route != null && route.holds()) {
                return route;
            }
        }
        return home;
    }

    /** True where the node of this very prefix is known. */
    boolean isKnown(Prefix prefix) {
        Route route = known.get(prefix);
        return route != null && route.holds();
    }

    boolean isEmpty() {
        return known.size() == 0;
    }

    /** True where the prefix has a node that this client can speak with. */
    static boolean leadsOn(PrefixRecord prefix) {
        return !ReferredNodes.usable(prefix.addresses()).isEmpty();
    }

    /**
     * Takes note of a referral that was verified, to an address that {@link #leadsOn}.
     *
     * @param expiresNanos until when it holds
     */
    Route add(PrefixRecord prefix, long expiresNanos) {
        List<NodeAddress> addresses = ReferredNodes.usable(prefix.addresses());
        Route route = new Route(prefix.prefix(), addresses, sources.apply(addresses), expiresNanos);
        known.put(prefix.prefix(), route);
        return route;
    }

    void forget(Route route) {
        known.remove(route.prefix(), route);
    }
}
