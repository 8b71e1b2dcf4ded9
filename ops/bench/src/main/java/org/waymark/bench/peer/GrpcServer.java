package org.waymark.bench.peer;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.data.KeyTable;
import org.waymark.bench.data.SampleRow;

/**
 * What a service that answers over gRPC-java would be at its best: a map from the bytes of a {@code ResolveRequest} to the bytes of the
 * answer, without parsing either, on one event loop without further threads.
 */
public final class GrpcServer {

    /** The one method: an encoded {@code ResolveRequest} for an encoded {@code SignedRecord}. */
    public static final MethodDescriptor<byte[], byte[]> RESOLVE = MethodDescriptor.newBuilder(
                    Bytes.AS_THEY_ARE, Bytes.AS_THEY_ARE)
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("waymark.bench.Resolver/Resolve")
            .build();

    static final String LISTENING = "listening on port ";

    private GrpcServer() {}

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        AS_THEY_ARE;

        private static final class Stream extends ByteArrayInputStream implements KnownLength {
            Stream(byte[] bytes) {
                super(bytes);
            }
        }

        @Override
        public InputStream stream(byte[] bytes) {
            return new Stream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Serves a data set until the process is ended.
     *
     * @param arguments the directory of the data sets, how many records, the directory of the samples
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Dataset dataset = Dataset.prepare(
                Path.of(arguments[0]), Integer.parseInt(arguments[1]), SampleRow.read(Path.of(arguments[2])));
        KeyTable keys = dataset.keys();
        Map<ByteBuffer, byte[]> answers = new ConcurrentHashMap<>(2 * dataset.count());
        dataset.forEach((key, record) -> answers.put(ByteBuffer.wrap(keys.request(key)), record));
        ServerServiceDefinition service = ServerServiceDefinition.builder("waymark.bench.Resolver")
                .addMethod(RESOLVE, ServerCalls.asyncUnaryCall((request, observer) -> {
                    observer.onNext(answers.get(ByteBuffer.wrap(request)));
                    observer.onCompleted();
                }))
                .build();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .channelType(EpollServerSocketChannel.class)
                .directExecutor()
                .addService(service)
                .build()
                .start();
        System.out.println(LISTENING + server.getPort());
        server.awaitTermination();
    }
}
