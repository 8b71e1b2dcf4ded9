/**
 * A node's log: every commit is a leaf of one append-only Merkle tree (RFC 9162 hashing with SHA-256), the state of the tree is signed
 * in checkpoints, and the tree is read in tiles. The formats are those of C2SP: signed-note, tlog-checkpoint, tlog-tiles and
 * tlog-cosignature, so that tools written for other transparency logs can read it.
 */
package org.waymark.log;
