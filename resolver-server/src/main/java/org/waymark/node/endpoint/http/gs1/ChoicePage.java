package org.waymark.node.endpoint.http.gs1;

import java.util.List;

/** A page that lets people choose among links. */
final class ChoicePage {

    private ChoicePage() {}

    static String of(String identifier, List<Link> links, String rawQuery) {
        StringBuilder page = new StringBuilder(
                        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(escaped(identifier))
                .append("</title></head><body><h1>")
                .append(escaped(identifier))
                .append("</h1><ul>\n");
        for (Link link : links) {
            page.append("<li><a href=\"")
                    .append(escaped(link.target(rawQuery)))
                    .append("\">")
                    .append(escaped(link.title()))
                    .append("</a>");
            link.languages().forEach(tag -> page.append(' ').append(escaped(tag)));
            link.mediaType().ifPresent(type -> page.append(' ').append(escaped(type)));
            page.append("</li>\n");
        }
        return page.append("</ul></body></html>\n").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
