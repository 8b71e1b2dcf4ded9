package org.waymark.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.DiskSpaceMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.waymark.node.cache.NearCache;
import org.waymark.node.cache.RedisCache;
import org.waymark.node.metrics.LatencyHistogram;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.node.reports.FaultLog;
import org.waymark.v1.NodeInfo;

/** What of a node's parts is read when somebody looks, rather than counted as it happens. */
final class NodeGauges implements AutoCloseable {

    private final MeterRegistry meters;
    private final NodeMetrics metrics;
    private final JvmGcMetrics collections = new JvmGcMetrics();

    NodeGauges(MeterRegistry meters, NodeMetrics metrics) {
        this.meters = meters;
        this.metrics = metrics;
    }

    void show(RocksRegistry registry, Path directory) {
        LatencyHistogram writes = metrics.latency(
                "waymark_registry_commit_seconds", "How long it took to make a group of commits durable");
        registry.tellWriteTimes(nanos -> writes.record(nanos, 1));
        metrics.count("waymark.registry.commits", "Records that were stored", registry::lastSequence);
        metrics.gauge("waymark.registry.size.bytes", "The registry's files on the disk", () -> bytesOf(directory));
    }

    /** Files come and go while they are looked at. */
    private static long bytesOf(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(Path::toFile).mapToLong(File::length).sum();
        } catch (IOException e) {
            return 0;
        }
    }

    void show(NearCache cache) {
        metrics.gauge("waymark.near.cache.entries", cache::size);
        metrics.count(
                "waymark.cache.hits",
                "Look-ups that a cache answered",
                () -> cache.hits() + metrics.readyAnswers(),
                "cache",
                "near");
        metrics.count("waymark.cache.misses", "Look-ups that a cache could not answer", cache::misses, "cache", "near");
    }

    void show(Supplier<NodeInfo> info, Optional<RedisCache> redis, FaultLog faults) {
        metrics.gauge(
                "waymark.ready", "1 where the node is ready", () -> info.get().getReady() ? 1 : 0);
        metrics.gauge(
                "waymark.registry.fault",
                "1 where the registry takes no writes",
                () -> info.get().getReasonsCount() == 0 ? 0 : 1);
        metrics.gauge(
                "waymark.registry.sequence",
                "Number of the last commit",
                () -> info.get().getSequence());
        redis.ifPresent(cache ->
                metrics.gauge("waymark.redis.up", "1 where Redis is connected", () -> cache.isConnected() ? 1 : 0));
        metrics.gauge(
                "waymark.faults.open",
                "Faults that are not over",
                () -> faults.open().size());
    }

    /** The virtual machine, the process and the disk. */
    void showProcess(String software, Path dataDirectory) {
        new JvmMemoryMetrics().bindTo(meters);
        collections.bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        new FileDescriptorMetrics().bindTo(meters);
        new DiskSpaceMetrics(dataDirectory.toFile()).bindTo(meters);
        new UptimeMetrics().bindTo(meters);
        metrics.gauge(
                "waymark.build.info",
                "What runs here",
                () -> 1,
                "version",
                software,
                "java",
                System.getProperty("java.version"));
    }

    @Override
    public void close() {
        collections.close();
    }
}
