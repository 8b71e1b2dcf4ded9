package org.waymark.client.log;

import com.google.protobuf.ByteString;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.waymark.client.NodeClient;
import org.waymark.v1.LogRequest;
import org.waymark.v1.LogResponse;

/** The log of a node that is spoken to in its own protocol. The client stays the caller's to close. */
public final class NodeLogSource implements LogSource {

    private final NodeClient node;

    public NodeLogSource(NodeClient node) {
        this.node = node;
    }

    @Override
    public Optional<byte[]> fetch(String path) {
        LogResponse part = join(node.log(LogRequest.newBuilder().setPath(path).build()));
        return part.getContent().isEmpty()
                ? Optional.empty()
                : Optional.of(part.getContent().toByteArray());
    }

    @Override
    public String cosign(String lines) {
        ByteString bytes = ByteString.copyFromUtf8(lines);
        return join(node.log(LogRequest.newBuilder().setCosignatures(bytes).build()))
                .getMessage();
    }

    /** Waits, and throws what failed as itself. */
    static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
