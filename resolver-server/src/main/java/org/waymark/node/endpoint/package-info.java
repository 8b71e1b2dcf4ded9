/** The faces of the node: each speaks one protocol over the same chain of resolvers, and knows neither caches nor storage. */
package org.waymark.node.endpoint;
