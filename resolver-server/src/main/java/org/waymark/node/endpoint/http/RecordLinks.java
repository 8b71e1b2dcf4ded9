package org.waymark.node.endpoint.http;

import java.util.Optional;
import org.waymark.node.endpoint.http.gs1.Link;
import org.waymark.node.endpoint.http.gs1.LinkRequest;
import org.waymark.node.endpoint.http.gs1.Links;
import org.waymark.node.web.WebRequest;
import org.waymark.record.IdentifierRecord;

/** Where a record of any scheme sends a browser: the same values are links as for GS1 keys, {@code URL} among them. */
public final class RecordLinks {

    private RecordLinks() {}

    /**
     * The address of a record's default link, by the languages and the media types that the request likes.
     *
     * @return an absolute address, {@code http} or {@code https}, in visible ASCII; empty: the record's public values hold no link
     */
    public static Optional<String> defaultLink(IdentifierRecord record, WebRequest request) {
        LinkRequest wanted =
                new LinkRequest(request.header("Accept"), request.header("Accept-Language"), request.query("context"));
        return Links.of(record).defaultFor(wanted).map(Link::href);
    }
}
