package org.waymark.node.reports;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Function;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.Change;
import org.waymark.node.registry.PrefixChain;
import org.waymark.node.registry.PrefixTable;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.StoredRecord;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/**
 * Counts the records and prefixes of a registry from its change feed, so that each is counted once whatever happens to the node. A
 * change counts for the day on which it was committed. Reads the disk.
 */
public final class RecordCounter {

    private static final int PAGE = 1_000;

    /** One look takes no more pages than this: a million records. */
    private static final int PAGES = 1_000;

    private final Registry registry;
    private final PrefixTable prefixes;
    /** Prefix text of the identifier before, and the owner that it led to. */
    private String lastPrefix = "";

    private String lastOwner = "";

    public RecordCounter(Registry registry, PrefixTable prefixes) {
        this.registry = registry;
        this.prefixes = prefixes;
    }

    /**
     * Counts what was committed since the current figures were.
     *
     * @param current the figures of today; they hold the totals
     * @param dated whether the changes may be of another day; then each is looked up
     * @param figuresOf the figures of a day that is over; null: nobody keeps any
     * @return false where more waits to be counted
     */
    boolean count(DayFigures current, boolean dated, ZoneId zone, Function<LocalDate, DayFigures> figuresOf) {
        for (int page = 0; page < PAGES; page++) {
            List<Change> changes = registry.changes(Math.max(0, current.sequence), PAGE);
            for (Change change : changes) {
                if (change.key().kind() == RecordKind.PREFIX) {
                    lastPrefix = "";
                }
                if (change.version() == 1) {
                    DayFigures day = change.sequence() <= current.undated
                            ? null
                            : dated ? dayOf(change.key(), current, zone, figuresOf) : current;
                    created(change.key(), current, day);
                }
                current.sequence = change.sequence();
            }
            if (changes.size() < PAGE) {
                return true;
            }
        }
        return false;
    }

    /** The registry's last commit. */
    long lastSequence() {
        return registry.lastSequence();
    }

    private DayFigures dayOf(
            RecordKey key, DayFigures current, ZoneId zone, Function<LocalDate, DayFigures> figuresOf) {
        LocalDate day = registry.read(key, 1)
                .map(StoredRecord::committedAt)
                .map(at -> Instant.ofEpochMilli(at).atZone(zone).toLocalDate())
                .orElse(null);
        return day == null || day.toString().equals(current.day) ? current : figuresOf.apply(day);
    }

    private void created(RecordKey key, DayFigures current, DayFigures day) {
        boolean isPrefix = key.kind() == RecordKind.PREFIX;
        String owner = owner(key);
        EnterpriseFigures enterprise = owner.isEmpty() ? null : current.enterprise(owner);
        EnterpriseFigures enterpriseOfDay = day == null || owner.isEmpty() ? null : day.enterprise(owner);
        if (isPrefix) {
            current.prefixesTotal++;
        } else {
            current.recordsTotal++;
        }
        if (enterprise != null) {
            enterprise.recordsTotal += isPrefix ? 0 : 1;
            enterprise.prefixesTotal += isPrefix ? 1 : 0;
        }
        if (day != null) {
            day.recordsNew += isPrefix ? 0 : 1;
            day.prefixesNew += isPrefix ? 1 : 0;
        }
        if (enterpriseOfDay != null) {
            enterpriseOfDay.recordsNew += isPrefix ? 0 : 1;
            enterpriseOfDay.prefixesNew += isPrefix ? 1 : 0;
        }
    }

    /** The prefix that a record falls under, as {@link #name} gives it; empty for a root. */
    private String owner(RecordKey key) {
        String text = key.identifier();
        int slash = text.indexOf('/');
        String prefix = slash < 0 ? "" : key.scheme().tag() + ":" + text.substring(0, slash);
        if (key.kind() == RecordKind.ITEM && !prefix.isEmpty() && prefix.equals(lastPrefix)) {
            return lastOwner;
        }
        PrefixChain chain = prefixes.chain(ladder(key));
        String owner =
                chain.isEmpty() ? "" : name(PrefixTable.keyOf(chain.owner().prefix()));
        if (key.kind() == RecordKind.ITEM) {
            lastPrefix = prefix;
            lastOwner = owner;
        }
        return owner;
    }

    private static List<Prefix> ladder(RecordKey key) {
        try {
            if (key.kind() == RecordKind.ITEM) {
                return Identifier.parse(key.scheme(), key.identifier()).ladder();
            }
            Prefix own = Prefix.of(key.scheme(), key.identifier());
            return own.ladder().stream().filter(above -> !above.equals(own)).toList();
        } catch (InvalidIdentifierException e) {
            // Admitted under an earlier grammar: it counts for the node, and for no enterprise.
            return List.of();
        }
    }

    /** How a prefix is called in figures and reports: {@code vaa:88.118.8}. */
    static String name(RecordKey prefix) {
        return prefix.scheme().tag() + ":" + prefix.identifier();
    }
}
