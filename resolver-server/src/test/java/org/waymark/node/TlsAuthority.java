package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.waymark.wire.TlsFiles;

/** Issues certificates for TLS with the JDK's keytool. */
public final class TlsAuthority {

    private static final String PASSWORD = "changeit";
    private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private final Path directory;
    private final Path store;

    /** A new authority that keeps its files here. */
    public TlsAuthority(Path directory) throws Exception {
        this.directory = Files.createDirectories(directory);
        this.store = directory.resolve("authority.p12");
        keytool(store, "-genkeypair", "-alias", "authority", "-dname", "CN=Authority", "-ext", "bc:c=ca:true");
        pem("CERTIFICATE", keys(store).getCertificate("authority").getEncoded(), directory.resolve("authority.pem"));
    }

    /** Its own certificate. */
    public Path certificate() {
        return directory.resolve("authority.pem");
    }

    /**
     * Issues a certificate for localhost and 127.0.0.1, in new files.
     *
     * @param name of the files
     * @return with no authorities
     */
    public TlsFiles issue(String name) throws Exception {
        Path own = directory.resolve(name + ".p12");
        Path request = directory.resolve(name + ".csr");
        Path signed = directory.resolve(name + ".signed");
        keytool(own, "-genkeypair", "-alias", "own", "-dname", "CN=" + name);
        keytool(own, "-certreq", "-alias", "own", "-file", request.toString());
        keytool(
                store,
                "-gencert",
                "-alias",
                "authority",
                "-infile",
                request.toString(),
                "-outfile",
                signed.toString(),
                "-ext",
                "san=dns:localhost,ip:127.0.0.1");
        Path certificate = directory.resolve(name + ".pem");
        pem("CERTIFICATE", Files.readAllBytes(signed), certificate);
        Path key = directory.resolve(name + "-key.pem");
        pem("PRIVATE KEY", keys(own).getKey("own", PASSWORD.toCharArray()).getEncoded(), key);
        return new TlsFiles(Optional.of(certificate), Optional.of(key), Optional.empty());
    }

    /** A store that holds this authority's certificate alone. */
    public KeyStore trust() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        Certificate own = keys(store).getCertificate("authority");
        trusted.setCertificateEntry("authority", own);
        return trusted;
    }

    private static KeyStore keys(Path store) throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private static void keytool(Path store, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        if (arguments[0].equals("-genkeypair")) {
            command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "30"));
        }
        File log = store.resolveSibling("keytool.log").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(() -> read(log.toPath())).isZero();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void pem(String name, byte[] bytes, Path file) throws IOException {
        String text = "-----BEGIN " + name + "-----\n" + PEM.encodeToString(bytes) + "\n-----END " + name + "-----\n";
        Files.writeString(file, text);
    }
}
