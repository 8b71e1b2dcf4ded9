/**
 * The operations port: metrics for Prometheus, health for supervisors and balancers, and a console for people. {@link
 * org.waymark.node.operations.OperationsPort} has its routes.
 */
package org.waymark.node.operations;
