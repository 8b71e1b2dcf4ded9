package org.waymark.node.web;

import java.util.concurrent.CompletableFuture;

/** Answers requests of one route. Called on event loops, so it must not block; the future may be completed anywhere. */
@FunctionalInterface
public interface WebHandler {

    /**
     * The answer, now or later. A future that is complete already costs no hop between threads. A {@link ProblemException} (thrown,
     * or in the future) is answered with its problem document, any other failure is logged and answered with 500.
     */
    CompletableFuture<WebResponse> handle(WebRequest request);
}
