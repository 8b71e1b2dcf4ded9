package org.waymark.node.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The parameters of a query. A plus sign is a plus sign: identifiers have them, and no form is sent here. */
record Query(List<String> names, List<String> values) {

    private static final Query EMPTY = new Query(List.of(), List.of());

    static Query parse(String raw) {
        if (raw.isEmpty()) {
            return EMPTY;
        }
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (String part : raw.split("&")) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            names.add(decode(equals < 0 ? part : part.substring(0, equals)));
            values.add(equals < 0 ? "" : decode(part.substring(equals + 1)));
        }
        return new Query(List.copyOf(names), List.copyOf(values));
    }

    private static String decode(String raw) {
        try {
            return PercentEncoding.decode(raw);
        } catch (PercentEncoding.MalformedException e) {
            throw new ProblemException(Problem.of(400, "The query can't be read")
                    .detail(e.getMessage())
                    .at("query", e.offset()));
        }
    }

    Optional<String> first(String name) {
        int at = names.indexOf(name);
        return at < 0 ? Optional.empty() : Optional.of(values.get(at));
    }

    List<String> all(String name) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equals(name)) {
                all.add(values.get(i));
            }
        }
        return all;
    }
}
