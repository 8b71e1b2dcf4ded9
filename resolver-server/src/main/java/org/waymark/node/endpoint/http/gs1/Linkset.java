package org.waymark.node.endpoint.http.gs1;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Links as a linkset in JSON (RFC 9264, section 4.2) that keeps to GS1's schema for linksets: one link context object for each level
 * of an identifier. Immutable.
 */
final class Linkset {

    static final String MEDIA_TYPE = "application/linkset+json";

    /** Turns such a linkset into JSON-LD. */
    static final String JSON_LD_CONTEXT = "https://ref.gs1.org/standards/resolver/1.2.0/linkset-context";

    private static final JsonFactory JSON = new JsonFactory();

    /** GS1's schema knows a language, and a language with a region. */
    private static final Pattern LANGUAGE_AND_REGION =
            Pattern.compile("([A-Za-z]{2})(?:-[A-Za-z]{4})?(?:-([A-Za-z]{2}))?(?:-.*)?");

    private final Map<String, Links> byAnchor;

    private Linkset(Map<String, Links> byAnchor) {
        this.byAnchor = byAnchor;
    }

    /** A linkset; what each of the links is of is its anchor, a URI. */
    static Linkset of(Map<String, Links> byAnchor) {
        return new Linkset(new LinkedHashMap<>(byAnchor));
    }

    /**
     * The document.
     *
     * @param asJsonLd with {@code @context} in front
     */
    byte[] json(boolean asJsonLd) {
        return write(json -> {
            json.writeStartObject();
            if (asJsonLd) {
                json.writeStringField("@context", JSON_LD_CONTEXT);
            }
            json.writeArrayFieldStart("linkset");
            for (Map.Entry<String, Links> context : byAnchor.entrySet()) {
                writeContext(json, context.getKey(), context.getValue());
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** A linkset of these links of one type only, to choose from. */
    static byte[] choices(String anchor, List<Link> links) {
        return write(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("linkset");
            json.writeStartObject();
            json.writeStringField("anchor", anchor);
            writeLinks(json, links.get(0).type(), links);
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] write(Content content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1_024);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            content.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void writeContext(JsonGenerator json, String anchor, Links links) throws IOException {
        json.writeStartObject();
        json.writeStringField("anchor", anchor);
        if (!links.description().isEmpty()) {
            json.writeStringField("description", links.description());
        }
        Map<String, List<Link>> byType = new TreeMap<>();
        links.described().forEach(link -> byType.computeIfAbsent(link.type(), links::ofType));
        for (Map.Entry<String, List<Link>> type : byType.entrySet()) {
            writeLinks(json, type.getKey(), type.getValue());
        }
        List<Link> defaults = links.defaults();
        if (!defaults.isEmpty()) {
            // The one default is the same whatever a request says, so it has no attributes.
            json.writeArrayFieldStart(LinkType.DEFAULT);
            json.writeStartObject();
            json.writeStringField("href", defaults.get(0).href());
            json.writeStringField("title", defaults.get(0).title());
            json.writeEndObject();
            json.writeEndArray();
        }
        if (defaults.size() > 1) {
            writeLinks(json, LinkType.DEFAULT_MULTI, defaults);
        }
        json.writeEndObject();
    }

    private static void writeLinks(JsonGenerator json, String type, List<Link> links) throws IOException {
        json.writeArrayFieldStart(type);
        for (Link link : links) {
            json.writeStartObject();
            json.writeStringField("href", link.href());
            json.writeStringField("title", link.title());
            if (link.mediaType().isPresent()) {
                json.writeStringField("type", link.mediaType().get());
            }
            writeTexts(json, "hreflang", languages(link));
            writeTexts(json, "context", link.contexts());
            if (!link.passesQuery()) {
                json.writeBooleanField("fwqs", false);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeTexts(JsonGenerator json, String name, Iterable<String> texts) throws IOException {
        if (texts.iterator().hasNext()) {
            json.writeArrayFieldStart(name);
            for (String text : texts) {
                json.writeString(text);
            }
            json.writeEndArray();
        }
    }

    private static Set<String> languages(Link link) {
        Set<String> languages = new LinkedHashSet<>();
        for (String tag : link.languages()) {
            Matcher matcher = LANGUAGE_AND_REGION.matcher(tag);
            if (matcher.matches()) {
                String language = matcher.group(1).toLowerCase(Locale.ROOT);
                String region = matcher.group(2);
                languages.add(region == null ? language : language + "-" + region.toUpperCase(Locale.ROOT));
            }
        }
        return languages;
    }
}
