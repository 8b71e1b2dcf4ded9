/**
 * The face that speaks the binary protocol of the Handle System: RFC 3651 and 3652 (versions 2.x), and DO-IRP 3.0, over TCP and UDP.
 *
 * <p>Begin with {@link org.waymark.node.endpoint.handle.HandleEndpoint}. {@code HandleConnection} serves one TCP connection,
 * {@code UdpFace} one UDP socket; both answer ready look-ups through {@code ReadyLookups} and put all else to {@code Requests}.
 * Bytes are the matter of {@code Envelope}, {@code RequestDecoder}, {@code MessageWriter}, {@code RecordTranscoder} and {@code
 * SiteRecord}.
 */
package org.waymark.node.endpoint.handle;
