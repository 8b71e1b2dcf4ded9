/**
 * HTTP/1.1 (RFC 9110, RFC 9112) over the node's event loops, as small as the faces and the operations port need it. A {@link
 * org.waymark.node.web.WebServer} listens and answers by a {@link org.waymark.node.web.Router}; it knows nothing of identifiers.
 *
 * <p>Answers leave a connection in the order of its requests, however they are completed. What a connection may hold of the
 * node's memory is bounded by {@link org.waymark.node.web.WebOptions}; a client that is slow in sending or in taking is let go.
 */
package org.waymark.node.web;
