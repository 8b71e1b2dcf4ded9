/** Identifiers and prefixes, and one grammar for each scheme. */
package org.waymark.identifier;
