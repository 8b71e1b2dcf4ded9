package org.waymark.node.endpoint.http.handles;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** JSONP: the document as a call of the client's own function. Only plain names are called. */
final class JsonpCallback {

    static final String MEDIA_TYPE = "application/javascript; charset=utf-8";

    private static final int MAX_CHARACTERS = 64;
    private static final Pattern NAME = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*(\\.[A-Za-z_$][A-Za-z0-9_$]*)*");

    private JsonpCallback() {}

    /** True for a JavaScript name, or several with dots between, of at most 64 characters. */
    static boolean isAllowed(String name) {
        return name.length() <= MAX_CHARACTERS && NAME.matcher(name).matches();
    }

    /** The script. The comment in front keeps the name from being the first bytes, which could be taken for another format. */
    static byte[] script(String name, byte[] json) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(json.length + name.length() + 16);
        out.writeBytes(("/**/" + name + "(").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(json);
        out.writeBytes(");".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }
}
