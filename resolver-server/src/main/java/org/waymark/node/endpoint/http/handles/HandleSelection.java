package org.waymark.node.endpoint.http.handles;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.waymark.Limits;
import org.waymark.node.web.WebRequest;
import org.waymark.record.RecordValue;

/**
 * Which values a request asks for: those with one of the indexes or one of the types; all, where both are empty. A type that ends with
 * "." stands for the type without the dot and for all that start with it. Types are compared without regard to case, as Handle
 * servers do. Immutable.
 */
record HandleSelection(Set<Long> indexes, List<String> types) {

    private static final long MAX_INDEX = 0xFFFF_FFFFL;

    /** A parameter that can't be used. */
    static final class BadParameterException extends Exception {

        private static final long serialVersionUID = 1L;

        BadParameterException(String message) {
            super(message, null, false, false);
        }
    }

    /** Reads the parameters {@code index} and {@code type}. */
    static HandleSelection of(WebRequest request) throws BadParameterException {
        if (request.rawQuery().isEmpty()) {
            return new HandleSelection(Set.of(), List.of());
        }
        List<String> texts = request.queryAll("index");
        List<String> types = request.queryAll("type");
        if (texts.size() > Limits.SELECTORS || types.size() > Limits.SELECTORS) {
            throw new BadParameterException(
                    "more than " + Limits.SELECTORS + " of the parameter index or type; that is the limit");
        }
        Set<Long> indexes = new HashSet<>();
        for (String text : texts) {
            indexes.add(index(text));
        }
        return new HandleSelection(
                Set.copyOf(indexes),
                types.stream().map(type -> type.toLowerCase(Locale.ROOT)).toList());
    }

    private static long index(String text) throws BadParameterException {
        boolean isNumber =
                !text.isEmpty() && text.length() <= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!isNumber || Long.parseLong(text) > MAX_INDEX) {
            throw new BadParameterException("index is \"" + text + "\"; a number of 0 to " + MAX_INDEX + " is needed");
        }
        return Long.parseLong(text);
    }

    boolean selects(RecordValue value) {
        if (indexes.isEmpty() && types.isEmpty() || indexes.contains(value.index())) {
            return true;
        }
        if (types.isEmpty()) {
            return false;
        }
        String type = value.type().toLowerCase(Locale.ROOT);
        for (String wanted : types) {
            boolean fits = wanted.endsWith(".")
                    ? type.startsWith(wanted) || type.equals(wanted.substring(0, wanted.length() - 1))
                    : type.equals(wanted);
            if (fits) {
                return true;
            }
        }
        return false;
    }
}
