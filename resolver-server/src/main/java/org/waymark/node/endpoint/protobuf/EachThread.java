package org.waymark.node.endpoint.protobuf;

import io.netty.util.concurrent.FastThreadLocal;
import java.util.function.Supplier;

/** One thing for each event loop, made when it is first asked for. */
final class EachThread<T> extends FastThreadLocal<T> {

    private final Supplier<T> making;

    EachThread(Supplier<T> making) {
        this.making = making;
    }

    @Override
    protected T initialValue() {
        return making.get();
    }
}
