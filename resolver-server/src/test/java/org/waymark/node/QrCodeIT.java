package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.BarcodeFormat;
import com.google.zxing.BinaryBitmap;
import com.google.zxing.EncodeHintType;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.ReaderException;
import com.google.zxing.WriterException;
import com.google.zxing.common.BitMatrix;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import com.google.zxing.qrcode.QRCodeWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.NodeClient;
import org.waymark.client.RegistryClient;
import org.waymark.identifier.Identifier;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.Suite;

/** From a code on a part to the part's page, as a phone sees it: drawn, read, followed, shown by a browser. */
class QrCodeIT {

    private static final Path SAMPLES = Path.of("..", "ops", "samples", "construction-machinery.csv");
    /** Identifier, and path of the Digital Link, of a part of the samples that has one. */
    private static final Pattern LINKED_PART = Pattern.compile(
            "(?m)^(88\\.118\\.8/[^,]+),([^,]+),.*https://id\\.example\\.com" + "(/01/[0-9]{14}/21/[^,]+)");

    private static final Pattern HTTP = Pattern.compile("(?m)^http on \\S+:([0-9]+)$");

    private static final int QR_PIXELS = 330;
    private static final int BROWSER_SECONDS = 90;
    private static final int WHITE = 0xFFFFFF;

    @RegisterExtension
    private final NodeProcesses nodes = new NodeProcesses();

    @TempDir
    private Path directory;

    private final TestParties parties = new TestParties(Suite.ED25519);
    private final TestParties.Party company = TestParties.Party.withNewKeys(Suite.ED25519, "gs1:9521000");
    private String identifier;
    private String name;
    private String path;
    private String base;
    private NodeProcess node;

    @BeforeEach
    void startNode() throws IOException {
        Matcher part = LINKED_PART.matcher(Files.readString(SAMPLES));
        assertThat(part.find()).as("a part with a Digital Link in %s", SAMPLES).isTrue();
        identifier = part.group(1);
        name = part.group(2);
        path = part.group(3);
        node = nodes.serve(
                "--set",
                "node.dataDir=" + directory.resolve("data"),
                "--set",
                "node.roots=" + parties.root.anchor() + "," + company.anchor());
        Matcher http = HTTP.matcher(node.out());
        Awaitility.await().until(() -> http.reset(node.out()).find());
        base = "http://127.0.0.1:" + http.group(1);
    }

    private void register(IdentifierRecord... records) {
        try (NodeClient client = node.client()) {
            RegistryClient registry = new RegistryClient(client);
            for (IdentifierRecord record : records) {
                assertThat(registry.register(record)
                                .orTimeout(1, TimeUnit.MINUTES)
                                .join()
                                .isStored())
                        .as("%s", record.key())
                        .isTrue();
            }
        }
    }

    private void registerParties() {
        register(parties.prefixRecords().toArray(IdentifierRecord[]::new));
        register(company.sign(company.prefixDraft(company)));
    }

    private RecordDraft.Builder digitalLink() {
        return RecordDraft.item(Identifier.parse("gs1:" + path.substring(1)), company.prefix());
    }

    @Test
    void aCodeOnAPartLeadsToThePartsPageWhichShowsThatItIsVerified() throws Exception {
        registerParties();
        register(company.sign(digitalLink().value(2000, "name", name).value(2001, "part", identifier)));

        String scanned = scan(drawn(base + path));
        assertThat(scanned).isEqualTo(base + path);
        assertThat(follow(scanned)).isEqualTo("/gs1:" + path.substring(1));

        assertThat(browse(scanned)).contains(name, identifier, "class=\"mark good\"", "Verified");
    }

    @Test
    void aCodeWhosePartHasARecordOfAnotherSchemeLeadsThere() throws Exception {
        registerParties();
        String page = base + "/" + identifier;
        register(
                parties.maker.sign(RecordDraft.item(Identifier.parse(identifier), parties.maker.prefix())
                        .value(2000, "name", name)),
                company.sign(digitalLink().value(1, "gs1:pip", page)));

        String scanned = scan(drawn(base + path));
        assertThat(follow(scanned)).isEqualTo(page);

        assertThat(browse(scanned)).contains(name, identifier, "class=\"mark good\"", "Verified");
    }

    /** Writes a PNG with a QR code of this text. */
    private Path drawn(String text) throws WriterException, IOException {
        BitMatrix code = new QRCodeWriter()
                .encode(
                        text,
                        BarcodeFormat.QR_CODE,
                        QR_PIXELS,
                        QR_PIXELS,
                        Map.of(EncodeHintType.CHARACTER_SET, "UTF-8"));
        BufferedImage image = new BufferedImage(code.getWidth(), code.getHeight(), BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < code.getWidth(); x++) {
            for (int y = 0; y < code.getHeight(); y++) {
                image.setRGB(x, y, code.get(x, y) ? 0 : WHITE);
            }
        }
        Path file = directory.resolve("code.png");
        assertThat(ImageIO.write(image, "png", file.toFile())).isTrue();
        return file;
    }

    /** The text of the QR code in a PNG. */
    private static String scan(Path png) throws IOException, ReaderException {
        BufferedImage image = ImageIO.read(png.toFile());
        int width = image.getWidth();
        int height = image.getHeight();
        int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
        return new QRCodeReader()
                .decode(new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(width, height, pixels))))
                .getText();
    }

    /** Where the node leads to. */
    private static String follow(String url) throws IOException, InterruptedException {
        HttpResponse<Void> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding());
        assertThat(response.statusCode()).isEqualTo(307);
        return response.headers().firstValue("Location").orElseThrow();
    }

    /** What a browser has on its page after it went there. */
    private String browse(String url) throws IOException, InterruptedException {
        Path dom = directory.resolve("dom.html");
        Path errors = directory.resolve("browser.txt");
        Process browser = new ProcessBuilder(
                        chromium().toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--lang=en",
                        "--user-data-dir=" + directory.resolve("profile"),
                        "--dump-dom",
                        url)
                .redirectOutput(dom.toFile())
                .redirectError(errors.toFile())
                .start();
        try {
            assertThat(browser.waitFor(BROWSER_SECONDS, TimeUnit.SECONDS))
                    .as("the browser ends within %s s; it wrote: %s", BROWSER_SECONDS, Files.readString(errors))
                    .isTrue();
        } finally {
            browser.destroyForcibly();
        }
        return Files.readString(dom, StandardCharsets.UTF_8);
    }

    private static Path chromium() {
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(place -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(browser -> Path.of(place, browser)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(
                        () -> new AssertionError(
                                "no Chromium on the PATH; install it: apt-get install chromium (Debian), dnf install chromium (Fedora)"));
    }
}
