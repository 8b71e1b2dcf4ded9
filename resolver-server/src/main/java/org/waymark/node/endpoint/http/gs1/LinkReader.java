package org.waymark.node.endpoint.http.gs1;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.waymark.record.RecordValue;

/**
 * Reads the link in a value, if it holds one. Its type is a link type ({@code gs1:pip}, or {@code URL}, which stands for the same), with
 * the language of the target after an {@code @} where that matters ({@code gs1:pip@zh}). Its data is the address itself, or a JSON
 * object: {@code {"href": "https://...", "title": "...", "hreflang": ["en"], "type": "text/html", "context": "CN", "default": true,
 * "fwqs": false}}, in which only {@code href} must be there.
 */
final class LinkReader {

    private static final int MAX_HREF = 2_048;
    private static final int MAX_TITLE = 256;
    private static final int MAX_LANGUAGES = 16;
    private static final int MAX_CONTEXTS = 16;

    private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}");
    private static final Pattern MEDIA_TYPE =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}");
    private static final Pattern CONTEXT = Pattern.compile("[\\x21-\\x7E]{1,64}");

    private static final ObjectReader JSON =
            JsonMapper.builder().build().reader().forType(JsonNode.class);

    private LinkReader() {}

    /** The link that a value holds; empty where its type is none of a link's, or its data can't be used as one. */
    static Optional<Link> read(RecordValue value) {
        int at = value.type().lastIndexOf('@');
        Optional<String> type =
                LinkType.ofValueType(at < 0 ? value.type() : value.type().substring(0, at));
        String language = at < 0 ? "" : value.type().substring(at + 1);
        if (type.isEmpty() || at >= 0 && !LANGUAGE.matcher(language).matches()) {
            return Optional.empty();
        }
        List<String> languages = at < 0 ? List.of() : List.of(language);
        String data = value.data().toStringUtf8().strip();
        if (!data.startsWith("{")) {
            return address(data).map(href -> plain(type.get(), href, languages));
        }
        try {
            return object(type.get(), languages, JSON.readTree(data));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static Link plain(String type, String href, List<String> languages) {
        boolean isDefault = type.equals(LinkType.DEFAULT) || type.equals(LinkType.DEFAULT_MULTI);
        return new Link(type, href, "", languages, Optional.empty(), List.of(), isDefault, true);
    }

    private static Optional<Link> object(String type, List<String> inType, JsonNode json) {
        Optional<String> href = address(json.path("href").asText(""));
        List<String> inData = texts(json.path("hreflang"), LANGUAGE, MAX_LANGUAGES);
        List<String> languages = inData.isEmpty() ? inType : inData;
        List<String> contexts = texts(json.path("context"), CONTEXT, MAX_CONTEXTS);
        Optional<String> mediaType = Optional.of(json.path("type").asText(""))
                .filter(text -> MEDIA_TYPE.matcher(text).matches());
        return href.map(address -> plain(type, address, languages))
                .map(plain -> new Link(
                        type,
                        plain.href(),
                        title(json.path("title").asText("")),
                        languages,
                        mediaType,
                        contexts,
                        plain.isDefault() || json.path("default").asBoolean(false),
                        json.path("fwqs").asBoolean(true)));
    }

    /** Control characters go, so that a title fits a header. */
    static String title(String text) {
        String visible = text.codePoints()
                .filter(c -> !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE)
                .limit(MAX_TITLE)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return visible.strip();
    }

    private static List<String> texts(JsonNode node, Pattern allowed, int most) {
        List<String> texts = new ArrayList<>();
        for (JsonNode item : node.isArray() ? node : List.of(node)) {
            String text = item.asText("");
            if (texts.size() < most && allowed.matcher(text).matches()) {
                texts.add(text);
            }
        }
        return texts;
    }

    /** An absolute web address in ASCII; nothing else is a place to send a browser to. */
    private static Optional<String> address(String text) {
        if (text.isEmpty() || text.length() > MAX_HREF) {
            return Optional.empty();
        }
        try {
            URI uri = new URI(text);
            boolean isWeb = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
            String ascii = uri.toASCIIString();
            boolean fits = isWeb && uri.getHost() != null && ascii.length() <= MAX_HREF;
            return fits ? Optional.of(ascii) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
