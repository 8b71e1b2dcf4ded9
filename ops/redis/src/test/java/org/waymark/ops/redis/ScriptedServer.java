package org.waymark.ops.redis;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A server on the loopback address that sends each connection one fixed text, whatever it is asked, and closes. */
final class ScriptedServer implements AutoCloseable {
    private final ServerSocket listener;
    private final String text;

    private ScriptedServer(ServerSocket listener, String text) {
        this.listener = listener;
        this.text = text;
    }

    static ScriptedServer saying(String text) throws IOException {
        ScriptedServer server = new ScriptedServer(new ServerSocket(0, 16, InetAddress.getLoopbackAddress()), text);
        Thread thread = new Thread(server::serve, "scripted-server");
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    int port() {
        return listener.getLocalPort();
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
                socket.shutdownOutput();
                InputStream question = socket.getInputStream();
                // Read to the end, so that closing does not reset the connection before the answer is read.
                while (question.read() >= 0) {}
            } catch (IOException e) {
                // The listener was closed, or one client went away.
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
