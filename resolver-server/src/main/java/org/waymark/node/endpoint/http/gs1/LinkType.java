package org.waymark.node.endpoint.http.gs1;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Link types as URIs. Those of GS1 may be written in several ways ({@code pip}, {@code gs1:pip}, {@code
 * https://ref.gs1.org/voc/pip}, and with the namespaces that were in use before); all become the first of {@link #NAMESPACE}.
 */
public final class LinkType {

    /** The GS1 Web Vocabulary. */
    public static final String NAMESPACE = "https://ref.gs1.org/voc/";

    /** How the namespace is written for short. */
    public static final String PREFIX = "gs1:";

    /** The link to follow where nothing in a request speaks for another one. */
    static final String DEFAULT = NAMESPACE + "defaultLink";

    /** Links to choose from by language, media type and context, before the one default is taken. */
    static final String DEFAULT_MULTI = NAMESPACE + "defaultLinkMulti";

    /** The product information page. */
    static final String PIP = NAMESPACE + "pip";

    private static final List<String> NAMESPACES =
            List.of(NAMESPACE, "https://gs1.org/voc/", "http://gs1.org/voc/", "https://www.gs1.org/voc/");
    private static final int MAX_CHARACTERS = 256;

    private LinkType() {}

    /** The link type that the type of a value stands for; empty: the value is no link. */
    static Optional<String> ofValueType(String type) {
        if (type.startsWith(PREFIX)) {
            return ofName(type.substring(PREFIX.length()));
        }
        if (type.equalsIgnoreCase("URL")) {
            return Optional.of(PIP);
        }
        return type.startsWith("https://") || type.startsWith("http://") ? ofUri(type) : Optional.empty();
    }

    /** The link type that is asked for; empty: there can be no such type. */
    static Optional<String> ofRequest(String linkType) {
        if (linkType.startsWith(PREFIX)) {
            return ofName(linkType.substring(PREFIX.length()));
        }
        return linkType.startsWith("https://") || linkType.startsWith("http://") ? ofUri(linkType) : ofName(linkType);
    }

    private static Optional<String> ofName(String name) {
        boolean isName = !name.isEmpty()
                && name.length() <= MAX_CHARACTERS
                && name.chars().allMatch(LinkType::isLetterOrDigit);
        return isName ? Optional.of(NAMESPACE + name) : Optional.empty();
    }

    /** A relation type has to fit both a JSON name of GS1's schema and a field of a header. */
    private static Optional<String> ofUri(String uri) {
        for (String namespace : NAMESPACES) {
            if (uri.startsWith(namespace)) {
                return ofName(uri.substring(namespace.length()));
            }
        }
        boolean isPlain = uri.length() <= MAX_CHARACTERS
                && uri.chars().allMatch(c -> isLetterOrDigit(c) || ":/._-#~".indexOf(c) >= 0);
        return isPlain ? Optional.of(uri) : Optional.empty();
    }

    private static boolean isLetterOrDigit(int c) {
        return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
    }

    /** Words for a link without a title: {@code Certification info} for {@code .../certificationInfo}. */
    static String words(String type) {
        if (type.equals(PIP)) {
            return "Product information page";
        }
        String name = type.substring(Math.max(type.lastIndexOf('/'), type.lastIndexOf('#')) + 1);
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean startsWord = i > 0 && Character.isUpperCase(c) && Character.isLowerCase(name.charAt(i - 1));
            words.append(startsWord ? " " : "").append(startsWord ? Character.toLowerCase(c) : c);
        }
        return words.isEmpty() ? type : words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }
}
