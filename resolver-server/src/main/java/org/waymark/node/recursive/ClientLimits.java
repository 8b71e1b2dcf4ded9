package org.waymark.node.recursive;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;

/** What each client may have under way, and begin in a second. Clients are told apart by address, those of IPv6 by its first 64 bits. */
final class ClientLimits {

    private static final int REMEMBERED = 65_536;
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(1);
    private static final int NETWORK_BYTES = 8;

    private final int maxInFlight;
    private final int ratePerSecond;
    private final Clock clock;
    private final Cache<ByteBuffer, Client> clients;

    ClientLimits(int maxInFlight, int ratePerSecond, Clock clock) {
        this.maxInFlight = maxInFlight;
        this.ratePerSecond = ratePerSecond;
        this.clock = clock;
        this.clients = Caffeine.newBuilder()
                .maximumSize(REMEMBERED)
                .expireAfterAccess(FORGOTTEN_AFTER)
                .executor(Runnable::run)
                .build();
    }

    /** What one client does. Guarded by itself. */
    final class Client {

        private int inFlight;
        private double tokens = ratePerSecond;
        private long filledAt = clock.millis();

        /** True where one more look-up may begin; then {@link #leave} when it has ended. */
        synchronized boolean enter() {
            long now = clock.millis();
            tokens = Math.min(ratePerSecond, tokens + Math.max(0, now - filledAt) * ratePerSecond / 1_000.0);
            filledAt = now;
            if (inFlight >= maxInFlight || tokens < 1) {
                return false;
            }
            tokens--;
            inFlight++;
            return true;
        }

        synchronized void leave() {
            inFlight--;
        }
    }

    Client of(InetAddress address) {
        byte[] bytes = address.getAddress();
        ByteBuffer key = ByteBuffer.wrap(address instanceof Inet6Address ? Arrays.copyOf(bytes, NETWORK_BYTES) : bytes);
        return clients.get(key, made -> new Client());
    }
}
