package org.waymark.node.endpoint.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.web.Router;
import org.waymark.node.web.WebEvents;
import org.waymark.node.web.WebOptions;
import org.waymark.node.web.WebServer;

/** A web server with the routes of a test, and a client that follows no redirect. */
public final class TestServer implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Transport transport = Transport.open(Transport.Kind.NIO, 1);
    private final WebServer server;
    private final HttpClient client = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    public TestServer(Router router) throws IOException {
        server = new WebServer(WebOptions.defaults("127.0.0.1", 0), transport, router, WebEvents.NONE);
        server.start();
    }

    /** Scheme, host and port. */
    public String base() {
        return "http://127.0.0.1:" + server.address().getPort();
    }

    /** @param headers name, value, name, value ... */
    public HttpResponse<String> get(String target, String... headers) {
        return send("GET", target, headers);
    }

    public HttpResponse<String> send(String method, String target, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base() + target))
                .timeout(PATIENCE)
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(Duration.ZERO);
        transport.close();
    }
}
