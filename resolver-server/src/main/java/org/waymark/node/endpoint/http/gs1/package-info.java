/**
 * The GS1-Conformant Resolver: a GS1 Digital Link URI that is looked up over HTTP leads to what the owner of the identifier says
 * about the thing. Links are values of records, signed like all others; {@code resolver-server/README.md} says how they are written.
 */
package org.waymark.node.endpoint.http.gs1;
