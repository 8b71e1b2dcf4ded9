/** The files that records are exported to and loaded from; {@link BinaryExportWriter} specifies the binary form. */
package org.waymark.export;
