/**
 * The HTTP JSON API of Handle.Net servers (Technical Manual, chapter 14), as far as it resolves: clients that ask a Handle server or
 * proxy for JSON find the same answers here, for identifiers of every scheme.
 */
package org.waymark.node.endpoint.http.handles;
