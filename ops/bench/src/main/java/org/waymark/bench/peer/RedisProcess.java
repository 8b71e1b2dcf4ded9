package org.waymark.bench.peer;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.data.KeyTable;
import org.waymark.ops.redis.RedisServer;
import org.waymark.ops.redis.RedisSource;

/** A Redis of our own, without persistence. */
public final class RedisProcess implements ServerProcess {

    private static final byte[] OK = "+OK\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int BATCH = 500;

    private final RedisServer server;
    private final InetSocketAddress address;
    private final String version;
    private final long pid;

    private RedisProcess(RedisServer server) throws IOException {
        this.server = server;
        this.address =
                new InetSocketAddress(server.uri().getHost(), server.uri().getPort());
        String info = info();
        this.version = field(info, "redis_version");
        this.pid = Long.parseLong(field(info, "process_id"));
    }

    public static RedisProcess start() throws IOException {
        RedisServer server = RedisSource.ownProcess();
        try {
            return new RedisProcess(server);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private String info() throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.getOutputStream().write("INFO server\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String field(String info, String name) throws IOException {
        Matcher matcher = Pattern.compile("(?m)^" + name + ":(\\S+)\\r?$").matcher(info);
        if (!matcher.find()) {
            throw new IOException("INFO of this Redis says no " + name);
        }
        return matcher.group(1);
    }

    /** Sets each record of a data set under its identifier. */
    public void load(Dataset dataset, KeyTable keys) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort());
                OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 20);
                InputStream in = new BufferedInputStream(socket.getInputStream())) {
            dataset.<IOException>forEach((key, record) -> {
                out.write(set(keys.identifier(key).getBytes(StandardCharsets.UTF_8), record));
                if (key % BATCH == BATCH - 1 || key == dataset.count() - 1) {
                    out.flush();
                    for (int i = key % BATCH; i >= 0; i--) {
                        requireOk(in.readNBytes(OK.length));
                    }
                }
            });
        }
    }

    private static byte[] set(byte[] key, byte[] value) {
        ByteArrayOutputStream command = new ByteArrayOutputStream(key.length + value.length + 48);
        command.writeBytes("*3\r\n$3\r\nSET\r\n".getBytes(StandardCharsets.US_ASCII));
        for (byte[] part : new byte[][] {key, value}) {
            command.writeBytes(("$" + part.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            command.writeBytes(part);
            command.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        return command.toByteArray();
    }

    private static void requireOk(byte[] answer) throws IOException {
        if (!Arrays.equals(answer, OK)) {
            throw new IOException("Redis did not take a record: " + new String(answer, StandardCharsets.US_ASCII));
        }
    }

    /** As a node is configured with it. */
    public String uri() {
        return server.uri().toString();
    }

    public String version() {
        return version;
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public void close() {
        server.close();
    }
}
