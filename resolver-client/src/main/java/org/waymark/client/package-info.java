/**
 * The SDK. {@link org.waymark.client.ResolverClient} resolves and verifies, {@link org.waymark.client.RegistryClient}
 * registers; both stand on {@link org.waymark.client.NodeClient}, which speaks the protocol and verifies nothing.
 */
package org.waymark.client;
