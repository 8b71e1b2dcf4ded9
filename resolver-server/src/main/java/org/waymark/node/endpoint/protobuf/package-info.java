/**
 * The protobuf face: {@code resolver.proto} over TCP.
 *
 * <p>A connection's pipeline is a row of small handlers: {@link org.waymark.node.endpoint.protobuf.ConnectionLimit} counts it,
 * {@link org.waymark.node.endpoint.protobuf.ClientTimeouts} loses patience with it, {@code FrameDecoder} cuts its bytes,
 * {@link org.waymark.node.endpoint.protobuf.Greeting} agrees on a version, and
 * {@link org.waymark.node.endpoint.protobuf.RequestHandler} lets as many requests in as may be open.
 */
package org.waymark.node.endpoint.protobuf;
