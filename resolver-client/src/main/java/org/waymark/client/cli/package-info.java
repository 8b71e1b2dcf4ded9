/** The command {@code waymark}: one class a subcommand. */
package org.waymark.client.cli;
