import {
  BarfinexError,
  type CandleReply,
  type CommandReceipt,
  type CommandRequest,
  commandReceipt,
  createWallTimer,
  type ErrorCode,
  type ExplanationReply,
  errorCodes,
  explanation,
  type HealthReply,
  healthReply,
  type OrderCommand,
  type OrderReceipt,
  orderReceipt,
  queries,
  type StudioPayload,
  type StudioTopicName,
  studioTopicNames,
  type Timeframe,
} from '@barfinex/core/browser'
import { Observable, Subject, Subscription } from 'rxjs'
import { openSession, type ReplySchema, request } from './http-door.js'
import { StudioLink, type StudioStatus } from './studio-link.js'
import type { StudioChange, StudioView } from './view-fold.js'

export interface StudioOptions {
  /** The gateway's address, `http://127.0.0.1:49152`. */
  readonly url: string
  /** A token, or a session that was opened before. */
  readonly token?: string
  /** A one-time ticket, instead of a token. */
  readonly ticket?: string
  /** Only these topics; all when absent. */
  readonly topics?: readonly StudioTopicName[]
  /** Closes the client. */
  readonly abortSignal?: AbortSignal
}

export interface ActOptions {
  readonly abortSignal?: AbortSignal
}

/** Every topic as an observable: what is known first, then each message that is new or changed. They never error. */
export type StudioTopics = {
  readonly [Name in StudioTopicName as `${Name}$`]: Observable<StudioPayload<Name>>
}

/**
 * A desk as seen through its gateway.
 *
 * Acts resolve when the command is on the bus, not when it has been obeyed: what came of it is in `acts$`, `tradingStates$`,
 * `orders$`. They reject with `gateway.forbidden`, `gateway.unauthorized`, `gateway.unreachable` …
 */
export interface Studio extends StudioTopics {
  readonly status$: Observable<StudioStatus>
  status(): StudioStatus
  /** The whole picture, whenever anything in it changes. */
  readonly view$: Observable<StudioView>
  view(): StudioView
  /** Resolves with the first picture; rejects when the gateway refuses us or the client is closed before. */
  ready(): Promise<void>

  candles(
    wanted: {
      readonly symbol: string
      readonly timeframe: Timeframe
      readonly limit?: number
      readonly cursor?: number
    },
    options?: ActOptions,
  ): Promise<CandleReply>
  health(options?: ActOptions): Promise<HealthReply>
  /** Why: the trail of an id, or of a moment such as `BTC/USDT@2026-01-05T12:00:00Z`. */
  explain(id: string, options?: ActOptions): Promise<ExplanationReply>

  /** Any operator command; the acts below are short for it. */
  command(request: CommandRequest, options?: ActOptions): Promise<CommandReceipt>
  /** Halts and cancels every entry order; positions are left too where the desk is set so. */
  kill(why: string, options?: ActOptions): Promise<CommandReceipt>
  /** Nothing passes but cancels and protection. */
  halt(why: string, options?: ActOptions): Promise<CommandReceipt>
  /** No new risk. */
  reduceOnly(why: string, options?: ActOptions): Promise<CommandReceipt>
  /** Back to active. */
  resume(why: string, options?: ActOptions): Promise<CommandReceipt>
  closeAll(why: string, options?: ActOptions): Promise<CommandReceipt>
  closePosition(symbol: string, why: string, options?: ActOptions): Promise<CommandReceipt>
  cancelEntries(why: string, options?: ActOptions): Promise<CommandReceipt>
  cancelOrder(clientOrderId: string, why: string, options?: ActOptions): Promise<CommandReceipt>
  releaseStrategy(strategyId: string, why: string, options?: ActOptions): Promise<CommandReceipt>
  /** Hands on an order command that Inspector has sealed. */
  submit(command: OrderCommand, options?: ActOptions): Promise<OrderReceipt>

  /** Harmless twice. Every observable completes. */
  close(): void
}

/**
 * Connects to a desk, from a browser or from Node. The connection is made and kept in the background: watch `status$`, and
 * never show what `view$` says as present unless the status is `live`.
 *
 * @example
 * const studio = connectStudio({ url: 'http://127.0.0.1:49152', token })
 * await studio.ready()
 * studio.verdicts$.subscribe((verdict) => console.log(verdict.type, verdict.reasons))
 */
export function connectStudio(options: StudioOptions): Studio {
  const { url, topics = null, abortSignal } = options
  const timer = createWallTimer()
  let credential = options.token ?? null
  if (credential === null && options.ticket === undefined) {
    throw new BarfinexError('options.invalid', 'studio: give a token or a ticket.')
  }
  let requests = 0

  async function credentialNow(): Promise<string> {
    if (credential !== null) return credential
    const { session } = await openSession(url, timer, { ticket: options.ticket ?? '' }, abortSignal)
    credential = session
    return session
  }

  const statuses = new Subject<StudioStatus>()
  const changes = new Subject<readonly StudioChange[]>()
  const link = new StudioLink({
    address: `${url.replace(/^http/, 'ws').replace(/\/$/, '')}/ws`,
    timer,
    topics,
    credential: credentialNow,
    onStatus(status) {
      statuses.next(status)
      if (status.state === 'closed' || status.state === 'refused') {
        statuses.complete()
        changes.complete()
      }
    },
    onChanges: (list) => changes.next(list),
  })
  const onAbort = () => link.close('studio.aborted', 'Closed by its abort signal.')
  if (abortSignal?.aborted) onAbort()
  else abortSignal?.addEventListener('abort', onAbort, { once: true })

  const status = () => link.status
  const view = () => link.fold.view()

  function ask<Reply>(schema: ReplySchema<Reply>, path: string, more: Omit<Parameters<typeof request>[3], 'path'>) {
    return credentialNow().then((secret) => request(url, timer, schema, { path, ...more, credential: secret }))
  }

  async function command(wanted: CommandRequest, { abortSignal: stop }: ActOptions = {}): Promise<CommandReceipt> {
    const desk = status().desk
    // With an id a lost reply can be asked for again without doing the thing twice.
    const requestId = wanted.requestId ?? (desk === null ? undefined : `${desk.connection}.${requests++}`)
    const give = () =>
      ask(commandReceipt, '/api/commands', {
        method: 'POST',
        body: requestId === undefined ? wanted : { ...wanted, requestId },
        abortSignal: stop,
      })
    try {
      return await give()
    } catch (error) {
      if (requestId === undefined || !BarfinexError.is(error, 'gateway.unreachable')) throw error
      return give()
    }
  }

  const act = (type: CommandRequest['type']) => (why: string, act?: ActOptions) => command({ type, why }, act)

  const studio: Omit<Studio, keyof StudioTopics> = {
    status$: new Observable((subscriber) => {
      subscriber.next(status())
      return statuses.subscribe(subscriber)
    }),
    status,
    view$: new Observable((subscriber) => {
      subscriber.next(view())
      return changes.subscribe({ next: () => subscriber.next(view()), complete: () => subscriber.complete() })
    }),
    view,
    ready: () => firstPicture(studio.status$),
    candles: ({ symbol, timeframe, limit, cursor }, { abortSignal: stop } = {}) =>
      ask(queries.candles.reply, '/api/candles', { query: { symbol, timeframe, limit, cursor }, abortSignal: stop }),
    health: ({ abortSignal: stop } = {}) => ask(healthReply, '/api/health', { abortSignal: stop }),
    explain: (id, { abortSignal: stop } = {}) =>
      ask(explanation, `/api/explain/${encodeURIComponent(id)}`, { abortSignal: stop }),
    command,
    kill: act('kill'),
    halt: act('halt'),
    reduceOnly: act('reduceOnly'),
    resume: act('resume'),
    closeAll: act('closeAll'),
    cancelEntries: act('cancelEntries'),
    closePosition: (symbol, why, it) => command({ type: 'closePosition', symbol, why }, it),
    cancelOrder: (clientOrderId, why, it) => command({ type: 'cancelOrder', clientOrderId, why }, it),
    releaseStrategy: (strategyId, why, it) => command({ type: 'releaseStrategy', strategyId, why }, it),
    submit: (body, { abortSignal: stop } = {}) =>
      ask(orderReceipt, '/api/orders', { method: 'POST', body, abortSignal: stop }),
    close() {
      abortSignal?.removeEventListener('abort', onAbort)
      link.close()
    },
  }
  return Object.assign(studio, topicsOf(view, changes)) as Studio
}

/** Resolves at the first picture, rejects when there will be none. */
function firstPicture(status$: Observable<StudioStatus>): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscription = new Subscription()
    subscription.add(
      status$.subscribe(({ state, code, message }) => {
        if (state === 'live') resolve()
        else if (state === 'refused' || state === 'closed') {
          const known = (errorCodes as readonly string[]).includes(code) ? (code as ErrorCode) : 'gateway.unreachable'
          reject(new BarfinexError(known, message))
        } else return
        subscription.unsubscribe()
      }),
    )
  })
}

function topicsOf(view: () => StudioView, changes: Observable<readonly StudioChange[]>): StudioTopics {
  const topics: Record<string, Observable<unknown>> = {}
  for (const name of studioTopicNames) {
    topics[`${name}$`] = new Observable((subscriber) => {
      for (const known of view()[name]) subscriber.next(known)
      return changes.subscribe({
        next(list) {
          for (const { topic, payload } of list) if (topic === name) subscriber.next(payload)
        },
        complete: () => subscriber.complete(),
      })
    })
  }
  return topics as StudioTopics
}
