/**
 * Readers that read on while the daemon below them is killed again and again.
 *
 * <pre>
 * SurviveCommand, SurviveIT ──► KillRounds ── kill -9 ──► the daemon of ROOT/lock
 *                                  │ begins, asks
 *                                  ▼
 *                               SteadyReader, one a thread ──► Reading: direct, buffered, mapped,
 *                                  notes the longest                   names, programs
 * </pre>
 *
 * <p>Every byte is compared, and every errno is a failure. That an answered request is asked again,
 * and an unanswered one too, is the kernel's part: FUSE_NOTIFY_RESEND in include/uapi/linux/fuse.h.
 */
@NullMarked
package io.lazerofs.it.survive;

import org.jspecify.annotations.NullMarked;
