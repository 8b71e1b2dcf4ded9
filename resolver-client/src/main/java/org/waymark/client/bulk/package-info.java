/**
 * Registers any number of items in bounded memory. {@link org.waymark.client.bulk.BulkImport} signs and sends; its journal lets an
 * import that was interrupted go on without losing a row or registering one twice.
 */
package org.waymark.client.bulk;
