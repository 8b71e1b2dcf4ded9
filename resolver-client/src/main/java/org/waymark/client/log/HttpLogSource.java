package org.waymark.client.log;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.waymark.client.NodeErrorException;

/** A log over HTTP, as C2SP tlog-tiles lays it out: that of a node, at {@code /log}, or a copy on any web server. */
public final class HttpLogSource implements LogSource {

    /** The largest thing that a log has: a bundle of 256 entries with their lengths, two bytes each. */
    private static final int MOST_BYTES = 256 * (65_535 + 2);

    private static final int OK = 200;
    private static final int NO_CONTENT = 204;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;

    private final HttpClient client;
    private final String address;
    private final Duration timeout;

    /**
     * @param address such as {@code https://id.example.com/log}
     * @param timeout of one request
     */
    public HttpLogSource(URI address, Duration timeout) {
        this.client = HttpClient.newBuilder().connectTimeout(timeout).build();
        this.address = address.toString().replaceAll("/+$", "") + "/";
        this.timeout = timeout;
    }

    @Override
    public Optional<byte[]> fetch(String path) {
        Reply response = send(path, HttpRequest.newBuilder().GET());
        return switch (response.status()) {
            case OK -> Optional.of(response.body());
            case NOT_FOUND -> Optional.empty();
            default -> throw failed(path, response);
        };
    }

    @Override
    public String cosign(String lines) {
        Reply response =
                send("cosignatures", HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString(lines)));
        return switch (response.status()) {
            case NO_CONTENT -> "";
            case BAD_REQUEST -> new String(response.body(), StandardCharsets.UTF_8);
            default -> throw failed("cosignatures", response);
        };
    }

    private record Reply(int status, byte[] body) {}

    private Reply send(String path, HttpRequest.Builder request) {
        try {
            HttpResponse<InputStream> response = client.send(
                    request.uri(URI.create(address + path)).timeout(timeout).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                byte[] body = in.readNBytes(MOST_BYTES + 1);
                if (body.length > MOST_BYTES) {
                    throw new NodeErrorException(address + path + " has more than " + MOST_BYTES + " bytes");
                }
                return new Reply(response.statusCode(), body);
            }
        } catch (IOException e) {
            throw new NodeErrorException(address + path + " can't be read: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeErrorException("interrupted while reading " + address + path);
        }
    }

    private NodeErrorException failed(String path, Reply response) {
        return new NodeErrorException(address + path + " was answered with the status " + response.status());
    }
}
