/**
 * What is not served here, looked up at other nodes on behalf of clients: {@link org.waymark.node.recursive.RecursiveLink} is a link of the
 * chain that follows referrals through the client SDK, which verifies each answer, and keeps what it brings for as long as its signers allow.
 */
package org.waymark.node.recursive;
