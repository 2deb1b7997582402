/**
 * Runs that show that no fault of a network gives a wrong byte, or a failure too early.
 *
 * <pre>
 * FaultCommand, FaultsIT ──► FaultRuns ──► FaultRun, one for each seed: a Scenario
 *                                           │ reads at random, judges, heals, reads all
 *                                           ▼
 *     FaultClient ──► FaultSources: one or two ThrottlingProxy ──► docker-registry ◄── FaultImages
 *      a cold cache    ▲ RandomPlan: a share of requests meets a FaultKind
 *                      └ Outage: for a while all of them do
 * </pre>
 *
 * <p>A run's deadline and back-off are on a {@code FastClock}, so that a minute of attempts takes
 * seconds. What a client may do about each fault is RFC 9110's: section 9.2.2 on repeating
 * requests, 10.2.3 on Retry-After, 14 on ranges.
 */
@NullMarked
package io.lazerofs.it.faults;

import org.jspecify.annotations.NullMarked;
