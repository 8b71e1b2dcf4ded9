package org.waymark.node.endpoint.http.gs1;

import java.util.List;
import java.util.Optional;

/**
 * A link from the thing that an identifier names to something on the web. Immutable.
 *
 * @param type the relation, a URI
 * @param href absolute, {@code http} or {@code https}, of visible ASCII
 * @param title for people
 * @param languages BCP 47 tags of what the link leads to; empty: not said
 * @param mediaType of what the link leads to
 * @param contexts in which the link applies, such as countries; empty: in all
 * @param isDefault the owner says that it is the default, or one of several
 * @param passesQuery the query of a request goes along to the target
 */
public record Link(
        String type,
        String href,
        String title,
        List<String> languages,
        Optional<String> mediaType,
        List<String> contexts,
        boolean isDefault,
        boolean passesQuery) {

    public Link {
        languages = List.copyOf(languages);
        contexts = List.copyOf(contexts);
    }

    Link titled(String otherTitle) {
        return new Link(type, href, otherTitle, languages, mediaType, contexts, isDefault, passesQuery);
    }

    Link asDefault() {
        return new Link(type, href, title, languages, mediaType, contexts, true, passesQuery);
    }

    /** Where a request with this query (as it came, without the question mark; may be empty) is led. */
    String target(String rawQuery) {
        if (rawQuery.isEmpty() || !passesQuery) {
            return href;
        }
        int fragment = href.indexOf('#');
        String resource = fragment < 0 ? href : href.substring(0, fragment);
        String separator =
                resource.indexOf('?') < 0 ? "?" : resource.endsWith("?") || resource.endsWith("&") ? "" : "&";
        return resource + separator + rawQuery + (fragment < 0 ? "" : href.substring(fragment));
    }
}
