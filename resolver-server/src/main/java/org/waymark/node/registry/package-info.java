/**
 * The registry: what this node stores.
 *
 * <p>{@link org.waymark.node.registry.Registry} is the storage seam. It keeps records as opaque bytes under a key and a
 * version, with four promises that the rest of the node builds on:
 *
 * <ul>
 *   <li><b>Compare and set.</b> A write names the version that it follows and is refused when another one is current.
 *       It may also name the versions of the prefix records that its check was based on. Each write is admitted or
 *       refused by itself.
 *   <li><b>Durable.</b> A commit is acknowledged after it was synced to disk, and only then seen by readers.
 *   <li><b>History.</b> Every version stays readable.
 *   <li><b>Change feed.</b> Every commit has a sequence number, counted from 1 without gaps, and the feed can be read
 *       from any of them.
 *   <li><b>Log.</b> The feed's entries are the leaves of an append-only Merkle tree, {@link
 *       org.waymark.node.registry.RegistryLog}, which is written together with the commits.
 * </ul>
 *
 * <p>Whether a record may be written, its signature, its owner, its grammar, is for the registrar to decide before it
 * commits; an engine doesn't look into the bytes.
 *
 * <p>{@link org.waymark.node.registry.RocksRegistry} is the embedded engine, on RocksDB. One thread writes: it takes
 * all batches that wait, checks them in order and makes them durable with one sync, so that many writers share the cost
 * of it and a lone one doesn't wait. Readers go to RocksDB directly.
 */
package org.waymark.node.registry;
