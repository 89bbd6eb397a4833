/**
 * Codes of operational faults. A closed set: every one has a row in `docs/errors.md` with what to do.
 * Refusals by policy are not faults; they are messages with a `Reason`.
 */
export const errorCodes = [
  'advisor.calibration-invalid',
  'advisor.cassette-invalid',
  'advisor.model-invalid',
  'approval.key-missing',
  'approval.sealer-claimed',
  'bus.closed',
  'bus.memory-lost',
  'bus.no-responder',
  'bus.overflow',
  'bus.refused',
  'bus.reply-failed',
  'bus.responder-taken',
  'bus.timeout',
  'bus.unavailable',
  'clock.running',
  'config.invalid',
  'config.not-found',
  'desk.duplicate-service',
  'desk.live-on-virtual-clock',
  'exchange.key-may-withdraw',
  'exchange.library-missing',
  'exchange.not-found',
  'exchange.not-supported',
  'exchange.rejected',
  'exchange.unauthorized',
  'exchange.unavailable',
  'gateway.bad-request',
  'gateway.failed',
  'gateway.forbidden',
  'gateway.not-found',
  'gateway.rate-limited',
  'gateway.unauthorized',
  'gateway.unreachable',
  'history.too-short',
  'journal.damaged',
  'journal.locked',
  'journal.write-failed',
  'lease.lost',
  'lease.taken',
  'money.invalid',
  'message.invalid',
  'message.too-long',
  'model.runtime-missing',
  'options.invalid',
  'order.transition-illegal',
  'replay.diverged',
  'service.not-ready',
  'strategy.invalid',
  'tape.invalid',
  'tape.not-found',
  'tape.sidecar-missing',
  'venue.fault-impossible',
  'venue.fault-place-unknown',
] as const

export type ErrorCode = (typeof errorCodes)[number]

export interface BarfinexErrorOptions {
  /** True when the same call may succeed later without any change. */
  readonly retryable?: boolean
  /** Data for machines; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

const marker = Symbol.for('barfinex.error')

/**
 * An operational fault: what happened and what to do, with a stable code.
 *
 * Recognise it with {@link BarfinexError.is}, which also works when two copies of this package are installed.
 *
 * @example
 * const error = new BarfinexError('tape.not-found', 'There is no tape "x.csv". Give the path of an existing file.')
 * BarfinexError.is(error, 'tape.not-found') // => true
 */
export class BarfinexError extends Error {
  override readonly name = 'BarfinexError'
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>
  readonly [marker] = true

  constructor(code: ErrorCode, message: string, options: BarfinexErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? false
    this.details = options.details ?? {}
  }

  static is(error: unknown, code?: ErrorCode): error is BarfinexError {
    if (typeof error !== 'object' || error === null || !(marker in error)) return false
    return code === undefined || (error as BarfinexError).code === code
  }
}
