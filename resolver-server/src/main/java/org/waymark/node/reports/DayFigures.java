package org.waymark.node.reports;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.waymark.node.metrics.FaceTotals;
import org.waymark.node.metrics.SpaceSaving;
import org.waymark.node.metrics.Totals;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.AnswerSource;

/**
 * What happened in one day, or in the days of a month together; also the form in which it is kept. Times are UTC epoch milliseconds.
 * For use by one thread at a time.
 */
@JsonAutoDetect(
        fieldVisibility = Visibility.ANY,
        getterVisibility = Visibility.NONE,
        isGetterVisibility = Visibility.NONE)
final class DayFigures {

    /** Sources that are counted each for itself. */
    static final int SOURCES = 1_024;

    /** Enterprises that are counted each for itself; further ones are counted for the node only. */
    static final int ENTERPRISES = 50_000;

    /** Where look-ups came from: an address, at least how many, and how many of these may be another's. */
    record Source(String address, long count, long error) {}

    String day;
    String node;
    String zone;
    /** When the figures of this day begin, and up to when they reach. */
    long firstAt;

    long lastAt;
    long upMillis;
    long readyMillis;
    int starts;
    /** The node was told to end, and has not begun again. */
    boolean stopped;

    final Map<String, Long> answersByOutcome = new TreeMap<>();
    final Map<String, Long> answersByFace = new TreeMap<>();
    final Map<String, Long> answersBySource = new TreeMap<>();
    final Map<String, Long> registrations = new TreeMap<>();
    final Spread resolving = new Spread();
    final Spread registering = new Spread();
    final Spread effect = new Spread();
    long peakQueries;
    long peakAt;

    /** Up to which commit records are counted; -1 where the registry is another node's. */
    long sequence = -1;

    /** What was committed up to here, before anybody kept figures, is new on no day. */
    long undated;

    long recordsNew;
    long recordsTotal;
    long prefixesNew;
    long prefixesTotal;
    byte[] sourceRegisters = new HyperLogLog().registers();
    final List<Source> sources = new ArrayList<>();
    final Map<String, EnterpriseFigures> enterprises = new TreeMap<>();

    private transient HyperLogLog differentSources;
    private transient SpaceSaving<String> topSources;

    /** The figures of a day that has just begun, with the totals of the day before; null: there was none. */
    static DayFigures begin(LocalDate day, DayFigures before, String node, String zone, long now) {
        DayFigures figures = new DayFigures();
        figures.day = day.toString();
        figures.node = node;
        figures.zone = zone;
        figures.firstAt = now;
        figures.lastAt = now;
        if (before != null) {
            figures.sequence = before.sequence;
            figures.undated = before.undated;
            figures.recordsTotal = before.recordsTotal;
            figures.prefixesTotal = before.prefixesTotal;
            before.enterprises.forEach((prefix, enterprise) -> {
                if (enterprise.recordsTotal > 0 || enterprise.prefixesTotal > 0) {
                    figures.enterprises.put(prefix, enterprise.nextDay());
                }
            });
        }
        return figures;
    }

    /** The figures of one enterprise; null where there is no room for more. */
    EnterpriseFigures enterprise(String prefix) {
        EnterpriseFigures figures = enterprises.get(prefix);
        if (figures == null && enterprises.size() < ENTERPRISES) {
            figures = new EnterpriseFigures();
            enterprises.put(prefix, figures);
        }
        return figures;
    }

    /**
     * What was counted between two looks, a second apart.
     *
     * @param millis between them
     */
    void counted(Totals more, long millis, boolean ready, long now) {
        for (Outcome outcome : Outcome.values()) {
            add(answersByOutcome, outcome.name(), more.answered(outcome));
        }
        for (FaceTotals face : more.faces()) {
            add(answersByFace, face.face().label(), face.answered());
        }
        for (AnswerSource source : AnswerSource.values()) {
            add(answersBySource, source.name(), more.answered(source));
        }
        for (RegisterResult.Code code : RegisterResult.Code.values()) {
            add(registrations, code.name(), more.registered(code));
        }
        resolving.add(more.latencies());
        registering.add(more.registrationLatencies());
        effect.add(more.effects());
        if (more.answered() > peakQueries) {
            peakQueries = more.answered();
            peakAt = now;
        }
        upMillis += millis;
        readyMillis += ready ? millis : 0;
        lastAt = now;
    }

    private static void add(Map<String, Long> counts, String name, long more) {
        if (more > 0) {
            counts.merge(name, more, Long::sum);
        }
    }

    /** So many look-ups came from this address. */
    void cameFrom(String address, long count) {
        openSketches();
        differentSources.add(address);
        topSources.add(address, count);
    }

    private void openSketches() {
        if (topSources == null) {
            differentSources = new HyperLogLog(sourceRegisters);
            topSources = new SpaceSaving<>(SOURCES);
            sources.forEach(source ->
                    topSources.add(new SpaceSaving.Count<>(source.address(), source.count(), source.error())));
        }
    }

    /** Brings the form that is kept up to date. */
    void seal() {
        if (topSources == null) {
            return;
        }
        sourceRegisters = differentSources.registers();
        sources.clear();
        topSources.top(SOURCES).forEach(top -> sources.add(new Source(top.item(), top.count(), top.error())));
    }

    /** What a month adds up from its days, in their order. */
    void add(DayFigures later) {
        lastAt = later.lastAt;
        node = later.node;
        upMillis += later.upMillis;
        readyMillis += later.readyMillis;
        starts += later.starts;
        later.answersByOutcome.forEach((name, count) -> add(answersByOutcome, name, count));
        later.answersByFace.forEach((name, count) -> add(answersByFace, name, count));
        later.answersBySource.forEach((name, count) -> add(answersBySource, name, count));
        later.registrations.forEach((name, count) -> add(registrations, name, count));
        resolving.add(later.resolving);
        registering.add(later.registering);
        effect.add(later.effect);
        if (later.peakQueries > peakQueries) {
            peakQueries = later.peakQueries;
            peakAt = later.peakAt;
        }
        sequence = later.sequence;
        recordsNew += later.recordsNew;
        recordsTotal = later.recordsTotal;
        prefixesNew += later.prefixesNew;
        prefixesTotal = later.prefixesTotal;
        openSketches();
        differentSources.addAll(new HyperLogLog(later.sourceRegisters));
        later.sources.forEach(
                source -> topSources.add(new SpaceSaving.Count<>(source.address(), source.count(), source.error())));
        seal();
        later.enterprises.forEach((prefix, figures) -> {
            EnterpriseFigures own = enterprise(prefix);
            if (own != null) {
                own.add(figures);
            }
        });
    }

    long answered() {
        return answersByOutcome.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Answers with a record: of a part, of a revocation, of the node that has it. */
    long succeeded() {
        return outcome(Outcome.RECORD) + outcome(Outcome.RECORD_REVOKED) + outcome(Outcome.REFERRAL);
    }

    /** Answers that were not what was asked for. */
    long failed() {
        return outcome(Outcome.ERROR) + outcome(Outcome.BUSY);
    }

    private long outcome(Outcome outcome) {
        return answersByOutcome.getOrDefault(outcome.name(), 0L);
    }

    long differentSources() {
        return new HyperLogLog(sourceRegisters).estimate();
    }
}
