package org.waymark.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A TCP proxy in front of a server, to be cut (connections end, new ones are refused), paused (nothing gets through, nothing ends)
 * and slowed. Safe for use by many threads.
 */
public final class CuttableProxy implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 * 1_024;

    private final URI target;
    private final ServerSocket server;
    private final List<Socket> sockets = new ArrayList<>();
    private boolean cut;
    private boolean paused;
    private long delayMillis;

    public CuttableProxy(URI target) {
        this.target = target;
        try {
            this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon("proxy-accept", this::accept);
    }

    public URI uri() {
        return URI.create(target.getScheme() + "://127.0.0.1:" + server.getLocalPort());
    }

    /** Ends all connections, and new ones as they come. What was on its way is lost. */
    public synchronized void cut() {
        cut = true;
        notifyAll();
        sockets.forEach(CuttableProxy::close);
        sockets.clear();
    }

    /** Holds what is sent, in both directions. */
    public synchronized void pause() {
        paused = true;
    }

    /** Lets everything through again, at full speed; what was held goes first. */
    public synchronized void restore() {
        cut = false;
        paused = false;
        delayMillis = 0;
        notifyAll();
    }

    /** Holds every piece of data for so long, in both directions. */
    public synchronized void delay(long millis) {
        delayMillis = millis;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                connect(server.accept());
            } catch (IOException e) {
                // Cut, closed, or the server behind is away: whoever connected sees the connection end.
            }
        }
    }

    private void connect(Socket client) throws IOException {
        Socket behind;
        try {
            behind = new Socket(target.getHost(), target.getPort());
        } catch (IOException e) {
            close(client);
            throw e;
        }
        client.setTcpNoDelay(true);
        behind.setTcpNoDelay(true);
        synchronized (this) {
            if (cut) {
                close(client);
                close(behind);
                return;
            }
            sockets.add(client);
            sockets.add(behind);
        }
        daemon("proxy-up", () -> pump(client, behind));
        daemon("proxy-down", () -> pump(behind, client));
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                awaitPassage();
                out.write(buffer, 0, n);
            }
            awaitPassage();
        } catch (IOException e) {
            // The connection ended.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close(from);
        close(to);
        synchronized (this) {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void awaitPassage() throws InterruptedException {
        long delay;
        synchronized (this) {
            while (paused && !cut) {
                wait();
            }
            delay = delayMillis;
        }
        TimeUnit.MILLISECONDS.sleep(delay);
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }
}
