/**
 * A node's log, read and checked from outside: {@link org.waymark.client.log.LogAudit} follows it and holds every record against it,
 * {@link org.waymark.client.log.LogProofs} checks that versions of a record are in it, {@link org.waymark.client.log.LogWitness}
 * cosigns what continues what it saw before. All methods block.
 */
package org.waymark.client.log;
