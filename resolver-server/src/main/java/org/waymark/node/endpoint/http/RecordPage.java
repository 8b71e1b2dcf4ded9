package org.waymark.node.endpoint.http;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.node.web.Headers;
import org.waymark.node.web.PercentEncoding;
import org.waymark.node.web.Problem;
import org.waymark.node.web.WebResponse;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordValue;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.Outcome;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.RecordKind;

/** A record as a page for people: on a phone or a desk, light or dark, without scripts. */
final class RecordPage {

    private static final int SHOWN_BYTES = 32;

    private static final String STYLE =
            ":root{color-scheme:light dark;--line:#8884;--soft:#8881;--good:#137333;--bad:#b3261e}"
                    + "@media(prefers-color-scheme:dark){:root{--good:#6dd58c;--bad:#f2b8b5}}"
                    + "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:0 auto;padding:1rem}"
                    + "h1{font-size:1.25rem;overflow-wrap:anywhere;margin:.2rem 0 1rem}h2{font-size:1rem;margin:1.5rem 0 .5rem}"
                    + "p{margin:.4rem 0}.kind,.note{opacity:.75;font-size:.875rem}"
                    + ".mark{border-left:4px solid;padding:.5rem .75rem;background:var(--soft)}.good{border-color:var(--good)}"
                    + ".good b{color:var(--good)}.bad{border-color:var(--bad)}.bad b{color:var(--bad)}"
                    + "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.4rem .5rem .4rem 0;"
                    + "border-bottom:1px solid var(--line)}th{font-weight:600}td{overflow-wrap:anywhere}"
                    + "td.data{white-space:pre-wrap}code{font-size:.875rem;overflow-wrap:anywhere}ol{padding-left:1.25rem}"
                    + "@media(max-width:30rem){thead{display:none}tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}"
                    + "td,tbody th{display:block;border:0;padding:.1rem 0}}";

    private static final String POLICY = "default-src 'none'; style-src 'sha256-"
            + Base64.getEncoder().encodeToString(HashFunction.SHA_256.digest(STYLE.getBytes(StandardCharsets.UTF_8)))
            + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private RecordPage() {}

    /** What every page carries. */
    static Headers headers(String language) {
        return Headers.of(
                "Content-Type",
                "text/html; charset=utf-8",
                "Content-Language",
                language,
                "Vary",
                RecordViews.VARY,
                "Content-Security-Policy",
                POLICY,
                "X-Content-Type-Options",
                "nosniff",
                "Referrer-Policy",
                "no-referrer");
    }

    /** A record with what the node found when it verified it. */
    static byte[] of(PageText words, Outcome outcome, IdentifierRecord record, ChainVerifier.Verdict verdict) {
        String identifier = record.key().identifier();
        Html html = begin(words, identifier);
        boolean prefix = record.kind() == RecordKind.PREFIX;
        html.raw("<p class=\"kind\">")
                .text(words.get(prefix ? "prefix" : "record"))
                .raw(" · ")
                .text(record.scheme().name())
                .raw("</p><h1>")
                .text(identifier)
                .raw("</h1>");
        if (outcome == Outcome.RECORD_REVOKED) {
            notice(html, "bad", words.get(record.isRevoked() && !prefix ? "revoked" : "revokedBy"), "");
        } else if (outcome == Outcome.REFERRAL) {
            notice(html, "bad", words.get("referral"), "");
        }
        if (verdict.isVerified()) {
            notice(html, "good", words.get("verified"), words.get("verifiedNote"));
        } else {
            notice(html, "bad", words.get("notVerified"), verdict.fault());
        }
        if (prefix) {
            description(html, words, record);
        }
        values(html, words, record);
        signature(html, words, record, verdict);
        chain(html, words, verdict);
        others(html, words, record);
        return end(html);
    }

    /** A problem for people. */
    static WebResponse ofProblem(PageText words, Problem problem, String language) {
        Html html = begin(words, problem.title());
        html.raw("<p class=\"kind\">")
                .text(words.get("problem"))
                .raw(" · ")
                .text(Integer.toString(problem.status()))
                .raw("</p><h1>")
                .text(problem.title())
                .raw("</h1><p>")
                .text(problem.detail())
                .raw("</p>");
        WebResponse response = WebResponse.of(problem.status(), headers(language), end(html));
        for (String name : new String[] {"Cache-Control", "Retry-After", "Waymark-Outcome"}) {
            Optional<String> value = problem.headers().first(name);
            if (value.isPresent()) {
                response = response.with(name, value.get());
            }
        }
        return response;
    }

    private static Html begin(PageText words, String title) {
        return new Html()
                .raw("<!DOCTYPE html><html lang=\"" + words.language() + "\"><head><meta charset=\"utf-8\">")
                .raw("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>")
                .text(title)
                .raw("</title><style>" + STYLE + "</style></head><body><main>");
    }

    private static byte[] end(Html html) {
        return html.raw("</main></body></html>\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void notice(Html html, String kind, String word, String note) {
        html.raw("<p class=\"mark " + kind + "\"><b>").text(word).raw("</b>");
        if (!note.isEmpty()) {
            html.raw("<br>").text(note);
        }
        html.raw("</p>");
    }

    private static void description(Html html, PageText words, IdentifierRecord record) {
        PrefixRecord prefix;
        try {
            prefix = PrefixRecord.of(record);
        } catch (InvalidRecordException | InvalidIdentifierException e) {
            // The values are shown as they are.
            return;
        }
        PrefixDescription description = prefix.description();
        html.raw("<table><tbody>");
        row(html, words.get("name"), description.getName());
        row(html, words.get("registration"), description.getRegistration());
        row(html, words.get("contact"), description.getContact());
        row(html, words.get("industry"), description.getIndustry());
        for (PartyKey key : prefix.keys()) {
            row(html, words.get("key"), key.id() + " " + key.key().suite() + " " + key.state() + " " + key.roles());
        }
        for (NodeAddress address : prefix.addresses()) {
            row(html, address.getFace(), address.getHost() + ":" + address.getPort());
        }
        html.raw("</tbody></table>");
    }

    private static void row(Html html, String name, String value) {
        if (!value.isEmpty()) {
            html.raw("<tr><th scope=\"row\">")
                    .text(name)
                    .raw("</th><td>")
                    .text(value)
                    .raw("</td></tr>");
        }
    }

    private static void values(Html html, PageText words, IdentifierRecord record) {
        html.raw("<h2>").text(words.get("values")).raw("</h2>");
        if (record.values().isEmpty()) {
            html.raw("<p>").text(words.get("noValues")).raw("</p>");
        } else {
            html.raw("<table><thead><tr><th>")
                    .text(words.get("index"))
                    .raw("</th><th>")
                    .text(words.get("type"))
                    .raw("</th><th>")
                    .text(words.get("data"))
                    .raw("</th></tr></thead><tbody>");
            record.values().forEach(value -> value(html, words, value));
            html.raw("</tbody></table>");
        }
        if (record.isPartial()) {
            html.raw("<p class=\"note\">")
                    .text(record.valueCount() - record.values().size() + " " + words.get("withheld") + " "
                            + record.valueCount())
                    .raw("</p>");
        }
    }

    private static void value(Html html, PageText words, RecordValue value) {
        html.raw("<tr><td>")
                .text(Long.toString(value.index()))
                .raw("</td><th scope=\"row\">")
                .text(value.type())
                .raw("</th><td class=\"data\">");
        Optional<String> text = RecordJson.text(value.data());
        Optional<String> link = text.flatMap(WebAddress::of);
        if (link.isPresent()) {
            html.raw("<a rel=\"noopener noreferrer nofollow\" href=\"")
                    .text(link.get())
                    .raw("\">")
                    .text(text.get())
                    .raw("</a>");
        } else if (text.isPresent()) {
            html.text(text.get());
        } else {
            ByteString data = value.data();
            ByteString first = data.substring(0, Math.min(data.size(), SHOWN_BYTES));
            html.raw("<code>")
                    .text(HexFormat.of().formatHex(first.toByteArray()) + (data.size() > SHOWN_BYTES ? "…" : ""))
                    .raw("</code> (")
                    .text(data.size() + " " + words.get("bytes"))
                    .raw(")");
        }
        html.raw("</td></tr>");
    }

    private static void signature(Html html, PageText words, IdentifierRecord record, ChainVerifier.Verdict verdict) {
        html.raw("<h2>").text(words.get("signedBy")).raw("</h2><table><tbody>");
        String name = verdict.signer()
                .map(signer -> signer.description().getName() + " (" + signer.prefix() + ")")
                .orElse(record.scheme().tag() + ":" + record.ownerText());
        row(html, words.get("signedBy"), name);
        row(html, words.get("key"), new KeyId(record.keyId()).toString());
        row(html, words.get("signedAt"), time(record.issuedAt()));
        row(html, words.get("version"), Long.toString(record.version()));
        if (record.expiresAt() != 0) {
            row(html, words.get("expires"), time(record.expiresAt()));
        }
        html.raw("</tbody></table>");
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static void chain(Html html, PageText words, ChainVerifier.Verdict verdict) {
        if (verdict.chain().isEmpty()) {
            return;
        }
        html.raw("<h2>").text(words.get("chain")).raw("</h2><ol>");
        for (PrefixRecord link : verdict.chain()) {
            html.raw("<li><a href=\"/")
                    .text(PercentEncoding.encodePath(link.prefix().text()))
                    .raw("?kind=prefix\">")
                    .text(link.prefix().text())
                    .raw("</a> ")
                    .text(link.description().getName())
                    .raw(" <code>")
                    .text(new KeyId(link.record().keyId()).shortText())
                    .raw("</code></li>");
        }
        html.raw("</ol>");
    }

    private static void others(Html html, PageText words, IdentifierRecord record) {
        boolean prefix = record.kind() == RecordKind.PREFIX;
        String text = (prefix ? record.scheme().tag() + ":" : "") + record.key().identifier();
        String path = "/" + PercentEncoding.encodePath(text) + (prefix ? "?kind=prefix&format=" : "?format=");
        html.raw("<p class=\"note\">")
                .text(words.get("as"))
                .raw(": <a href=\"")
                .text(path + "json")
                .raw("\">JSON</a>, <a href=\"")
                .text(path + "protobuf")
                .raw("\">protobuf</a></p>");
    }
}
