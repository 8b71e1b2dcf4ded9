package org.waymark.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.waymark.v1.NodeAddress;

/**
 * The clients of the nodes that referrals led to: one for each set of addresses, kept while it is used. Those that were idle for a
 * while are closed, and the longest idle one where there are too many. Safe for use by many threads.
 */
final class ReferredNodes implements AutoCloseable {

    /** The face that this client speaks. */
    static final String FACE = "waymark";
    /** The same over TLS. */
    static final String TLS_FACE = "waymark-tls";

    private final NodeClient home;
    private final UnaryOperator<NodeClientOptions.Builder> settings;
    private final int most;
    private final long idleNanos;

    // All below is guarded by this.
    private final Map<List<NodeAddress>, Entry> entries = new HashMap<>();
    private boolean sweeping;
    private boolean closed;

    /**
     * @param home whose threads the clients share
     * @param settings time-outs and the like
     * @param most how many nodes are connected to at a time
     * @param idleMillis after how long a client that is not used is closed
     */
    ReferredNodes(NodeClient home, UnaryOperator<NodeClientOptions.Builder> settings, int most, long idleMillis) {
        this.home = home;
        this.settings = settings;
        this.most = most;
        this.idleNanos = TimeUnit.MILLISECONDS.toNanos(idleMillis);
    }

    private static final class Entry {

        private final NodeClient client;
        private int requests;
        private long idleSince;

        Entry(NodeClient client) {
            this.client = client;
        }
    }

    /** The addresses that this client can use, the lowest priority first, in no order within one. */
    static List<NodeAddress> usable(List<NodeAddress> addresses) {
        return addresses.stream()
                .filter(address ->
                        address.getFace().equals(FACE) || address.getFace().equals(TLS_FACE))
                .sorted(Comparator.comparingLong(address -> Integer.toUnsignedLong(address.getPriority())))
                .toList();
    }

    /** The nodes at these addresses, which are to be {@link #usable}. Nothing is connected to before they are asked. */
    RecordSource.Nodes at(List<NodeAddress> addresses) {
        return new RecordSource.Nodes() {
            @Override
            public <T> CompletableFuture<T> ask(Function<NodeClient, CompletableFuture<T>> request) {
                Entry entry;
                try {
                    entry = borrow(addresses);
                } catch (WaymarkException e) {
                    return CompletableFuture.failedFuture(e);
                }
                CompletableFuture<T> answer;
                try {
                    answer = request.apply(entry.client);
                } catch (RuntimeException e) {
                    giveBack(entry);
                    throw e;
                }
                return answer.whenComplete((done, failure) -> giveBack(entry));
            }
        };
    }

    private synchronized Entry borrow(List<NodeAddress> addresses) {
        if (closed) {
            throw new ClientClosedException("the client is closed");
        }
        Entry entry = entries.get(addresses);
        if (entry == null) {
            if (entries.size() >= most && !closeLongestIdle()) {
                throw new NodeBusyException(most + " nodes are being asked already; no more are connected to");
            }
            entry = new Entry(home.beside(options(addresses)));
            entries.put(addresses, entry);
        }
        entry.requests++;
        return entry;
    }

    private synchronized void giveBack(Entry entry) {
        entry.requests--;
        entry.idleSince = System.nanoTime();
        scheduleSweep();
    }

    private boolean closeLongestIdle() {
        Map.Entry<List<NodeAddress>, Entry> longest = entries.entrySet().stream()
                .filter(known -> known.getValue().requests == 0)
                .min(Comparator.comparingLong(known -> known.getValue().idleSince - System.nanoTime()))
                .orElse(null);
        if (longest == null) {
            return false;
        }
        entries.remove(longest.getKey());
        longest.getValue().client.close();
        return true;
    }

    private void scheduleSweep() {
        if (sweeping || closed) {
            return;
        }
        try {
            home.scheduler().schedule(this::sweep, idleNanos, TimeUnit.NANOSECONDS);
            sweeping = true;
        } catch (RejectedExecutionException e) {
            // The client is being closed, and these with it.
        }
    }

    private synchronized void sweep() {
        sweeping = false;
        long now = System.nanoTime();
        for (Iterator<Entry> all = entries.values().iterator(); all.hasNext(); ) {
            Entry entry = all.next();
            if (entry.requests == 0 && now - entry.idleSince >= idleNanos) {
                all.remove();
                entry.client.close();
            }
        }
        if (!entries.isEmpty()) {
            scheduleSweep();
        }
    }

    /** How many nodes are connected to, or were lately. */
    synchronized int size() {
        return entries.size();
    }

    private NodeClientOptions options(List<NodeAddress> addresses) {
        NodeClientOptions.Builder options = settings.apply(NodeClientOptions.builder());
        for (NodeAddress address : drawn(addresses)) {
            if (address.getFace().equals(TLS_FACE)) {
                options.tlsNode(address.getHost(), address.getPort());
            } else {
                options.node(address.getHost(), address.getPort());
            }
        }
        return options.build();
    }

    /** The addresses in the order in which they are tried: by priority, those of one priority drawn by weight (as in RFC 2782). */
    private static List<NodeAddress> drawn(List<NodeAddress> addresses) {
        List<NodeAddress> left = new ArrayList<>(addresses);
        List<NodeAddress> order = new ArrayList<>();
        while (!left.isEmpty()) {
            int priority = left.get(0).getPriority();
            List<NodeAddress> rank = left.stream()
                    .filter(address -> address.getPriority() == priority)
                    .toList();
            long total = rank.stream().mapToLong(ReferredNodes::weight).sum();
            long ticket = ThreadLocalRandom.current().nextLong(total);
            for (NodeAddress address : rank) {
                ticket -= weight(address);
                if (ticket < 0) {
                    order.add(address);
                    left.remove(address);
                    break;
                }
            }
        }
        return order;
    }

    private static long weight(NodeAddress address) {
        return Math.max(1, Integer.toUnsignedLong(address.getWeight()));
    }

    /** Closes all; open requests fail. */
    @Override
    public synchronized void close() {
        closed = true;
        entries.values().forEach(entry -> entry.client.close());
        entries.clear();
    }
}
