package org.waymark.node.endpoint.http.gs1;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordValue;

/**
 * The links of one record, in the order of their values' indexes, and which of them are the default. Immutable.
 *
 * <p>The default is what the owner marks as such: a value of the type {@code gs1:defaultLink}, or links with {@code "default": true}.
 * Without a mark it is the product information pages, else the links of the first type that there is. Where several links are the
 * default, a request is led to the best match among them, and to the first one where none is.
 */
public final class Links {

    private static final int MAX_LINKS = 256;

    private final String description;
    private final List<Link> described;
    private final List<Link> defaults;

    private Links(String description, List<Link> described, List<Link> defaults) {
        this.description = description;
        this.described = List.copyOf(described);
        this.defaults = List.copyOf(defaults);
    }

    /** The links in the public values of a record. */
    public static Links of(IdentifierRecord record) {
        String description = "";
        List<Link> described = new ArrayList<>();
        List<Link> marked = new ArrayList<>();
        List<Link> markedMulti = new ArrayList<>();
        for (RecordValue value : record.values()) {
            if (description.isEmpty()
                    && (value.type().equals("name") || value.type().equals("description"))) {
                description = value.data().toStringUtf8().strip();
            }
            Optional<Link> link = LinkReader.read(value);
            if (link.isPresent() && described.size() + marked.size() + markedMulti.size() < MAX_LINKS) {
                switch (link.get().type()) {
                    case LinkType.DEFAULT -> marked.add(link.get());
                    case LinkType.DEFAULT_MULTI -> markedMulti.add(link.get());
                    default -> described.add(link.get());
                }
            }
        }
        String name = description;
        marked.addAll(markedMulti);
        marked.replaceAll(link -> titled(link, name));
        Set<String> markedHrefs = marked.stream().map(Link::href).collect(Collectors.toSet());
        described.replaceAll(link -> titled(markedHrefs.contains(link.href()) ? link.asDefault() : link, name));
        described.stream().filter(Link::isDefault).forEach(marked::add);
        return new Links(description, described, marked.isEmpty() ? firstChoice(described) : distinct(marked));
    }

    /** Every link has a title: that of its owner, else what it is and of what. */
    private static Link titled(Link link, String name) {
        if (!link.title().isEmpty()) {
            return link;
        }
        boolean saysNothing =
                link.type().equals(LinkType.DEFAULT) || link.type().equals(LinkType.DEFAULT_MULTI);
        String title = saysNothing
                ? name.isEmpty() ? "Default link" : name
                : LinkType.words(link.type()) + (name.isEmpty() ? "" : ": " + name);
        return link.titled(LinkReader.title(title));
    }

    private static List<Link> firstChoice(List<Link> described) {
        List<Link> pages = ofType(described, LinkType.PIP);
        return pages.isEmpty() && !described.isEmpty()
                ? ofType(described, described.get(0).type())
                : pages;
    }

    private static List<Link> distinct(List<Link> links) {
        Map<String, Link> byHref = new LinkedHashMap<>();
        for (Link link : links) {
            // A mark without more says less than the link that it stands for.
            byHref.merge(link.href(), link, (one, other) -> other);
        }
        return List.copyOf(byHref.values());
    }

    private static List<Link> ofType(List<Link> links, String type) {
        return links.stream().filter(link -> link.type().equals(type)).toList();
    }

    /** What the record says that it is of; empty where it does not. */
    String description() {
        return description;
    }

    boolean isEmpty() {
        return described.isEmpty() && defaults.isEmpty();
    }

    /** All links, each under the type that describes it; what is only marked as a default is not among them. */
    List<Link> described() {
        return described;
    }

    /** The links of a type, a URI. */
    List<Link> ofType(String type) {
        return switch (type) {
            case LinkType.DEFAULT, LinkType.DEFAULT_MULTI -> defaults;
            default -> ofType(described, type);
        };
    }

    /** The default links, the one to take when none is better first; empty where there is no link at all. */
    List<Link> defaults() {
        return defaults;
    }

    /** The default link for this request; empty where there is no link at all. */
    public Optional<Link> defaultFor(LinkRequest request) {
        if (defaults.isEmpty()) {
            return Optional.empty();
        }
        List<Link> best = LinkChoice.best(defaults, request);
        return Optional.of(best.size() == 1 ? best.get(0) : defaults.get(0));
    }
}
