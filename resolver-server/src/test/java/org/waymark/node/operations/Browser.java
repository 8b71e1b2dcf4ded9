package org.waymark.node.operations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A headless Chromium, driven by WebDriver (W3C) through chromedriver. */
final class Browser implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HOW_TO_INSTALL = "this test looks at the console in a real browser, and found no %s."
            + " Install it (Debian, Ubuntu: apt-get install chromium chromium-driver), or name it in %s";

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process driver;
    private final URI address;
    private final String session;

    Browser(int width, int height, String language) throws IOException, InterruptedException {
        String chromium = find("CHROMIUM", List.of("chromium", "chromium-browser", "google-chrome"));
        String chromedriver = find("CHROMEDRIVER", List.of("chromedriver"));
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        driver = new ProcessBuilder(chromedriver, "--port=" + port, "--log-level=SEVERE")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        address = URI.create("http://127.0.0.1:" + port);
        try {
            Awaitility.await("chromedriver listens")
                    .atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> send("GET", "/status", null).path("ready").asBoolean());
            ObjectNode wanted = JSON.createObjectNode();
            ObjectNode options = wanted.putObject("capabilities")
                    .putObject("alwaysMatch")
                    .put("browserName", "chrome")
                    .putObject("goog:chromeOptions")
                    .put("binary", chromium);
            options.putArray("args")
                    .add("--headless=new")
                    .add("--no-sandbox")
                    .add("--disable-gpu")
                    .add("--disable-dev-shm-usage")
                    .add("--hide-scrollbars")
                    .add("--force-device-scale-factor=1")
                    .add("--lang=" + language)
                    .add("--accept-lang=" + language)
                    .add("--window-size=" + width + "," + height);
            session = "/session/"
                    + send("POST", "/session", wanted).path("sessionId").asText();
        } catch (IOException | RuntimeException e) {
            driver.destroyForcibly();
            throw e;
        }
    }

    private static String find(String variable, List<String> names) {
        String named = System.getenv(variable);
        if (named != null) {
            return named;
        }
        for (String name : names) {
            for (String directory : System.getenv("PATH").split(":")) {
                Path file = Path.of(directory, name);
                if (Files.isExecutable(file)) {
                    return file.toString();
                }
            }
        }
        throw new AssertionError(HOW_TO_INSTALL.formatted(names.get(0), variable));
    }

    private JsonNode send(String method, String path, JsonNode body) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(
                HttpRequest.newBuilder(address.resolve(path))
                        .timeout(Duration.ofSeconds(60))
                        .header("Content-Type", "application/json")
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        JsonNode value = JSON.readTree(response.body()).path("value");
        if (response.statusCode() != 200) {
            throw new IOException(
                    method + " " + path + ": " + value.path("message").asText());
        }
        return value;
    }

    void open(URI page) throws IOException, InterruptedException {
        send("POST", session + "/url", JSON.createObjectNode().put("url", page.toString()));
    }

    void resize(int width, int height) throws IOException, InterruptedException {
        send(
                "POST",
                session + "/window/rect",
                JSON.createObjectNode().put("width", width).put("height", height));
    }

    /** Runs a script, the body of a function, and gives what it returns. */
    JsonNode run(String script) throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode().put("script", script);
        body.putArray("args");
        return send("POST", session + "/execute/sync", body);
    }

    /** Presses a key, such as {@code \uE004} for Tab, where the focus is. */
    void press(String key) throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode();
        ObjectNode keyboard =
                body.putArray("actions").addObject().put("type", "key").put("id", "keyboard");
        keyboard.putArray("actions")
                .add(JSON.createObjectNode().put("type", "keyDown").put("value", key))
                .add(JSON.createObjectNode().put("type", "keyUp").put("value", key));
        send("POST", session + "/actions", body);
    }

    byte[] screenshot() throws IOException, InterruptedException {
        return Base64.getDecoder()
                .decode(send("GET", session + "/screenshot", null).asText());
    }

    @Override
    public void close() {
        try {
            send("DELETE", session, null);
        } catch (IOException e) {
            // The driver is ended anyway.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        driver.destroy();
        try {
            if (!driver.waitFor(10, TimeUnit.SECONDS)) {
                driver.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
