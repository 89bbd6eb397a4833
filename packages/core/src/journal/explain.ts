import type { Envelope } from '../bus/envelope.js'
import type { Evaluation } from '../flow/2-signal.js'
import { flow } from '../flow/map.js'
import type { Journal } from './journal.js'
import { linksOf, namesOf } from './trail-links.js'
import { describe, timed } from './trail-text.js'

/** One message of a trail, with a sentence about it. */
export interface TrailStep {
  /** Distance from what was asked about: below zero what led to it, above zero what came of it. */
  readonly distance: number
  readonly envelope: Envelope
  readonly text: string
}

/** Why something happened, or why it did not. */
export interface Explanation {
  readonly id: string
  /** The market event or command at the root; for a moment, the moment. */
  readonly root: string
  /** Causes, the message itself and its effects, in the order in which they happened. */
  readonly trail: readonly TrailStep[]
  /** False when there was more than is kept of one trail. */
  readonly isComplete: boolean
  /** The same for people. */
  readonly text: string
}

/** Messages kept while one trail is being looked for. */
const longestTrail = 10_000
/** Each time through the journal climbs one link of a trail whose causes were lost; a whole trail takes two. */
const mostPasses = 6

/**
 * Walks the trail of one message both ways: up to the market event or command that started it, down to the fills and the outcome.
 *
 * `id` is an envelope's id, or the id of a signal, decision, intent, verdict, order (client order id), fill, outcome, act,
 * incident or command; or a moment, `BTC/USDT@2024-01-01T12:05:00Z` or with a strategy's id before it,
 * `ema-pullback@BTC/USDT@1704110700000`, answered with the newest judgement that each strategy had made by then, rule by rule:
 * why nothing happened. `null` when the journal knows nothing of it.
 *
 * Reads the journal a few times, a message at a time, and keeps only those of the one trail.
 */
export async function explain(journal: Pick<Journal, 'read'>, id: string): Promise<Explanation | null> {
  const asked = await find(journal, id)
  if (asked !== null) return explainMessage(journal, id, asked)
  const moment = readMoment(id)
  return moment === null ? null : explainMoment(journal, id, moment)
}

async function find(journal: Pick<Journal, 'read'>, id: string): Promise<Envelope | null> {
  for await (const envelope of journal.read()) {
    if (envelope.id === id || namesOf(envelope).includes(id)) return envelope
  }
  return null
}

async function explainMessage(journal: Pick<Journal, 'read'>, id: string, asked: Envelope): Promise<Explanation> {
  let known: ReadonlySet<string> = new Set(threadsOf(asked))
  let trail: readonly TrailStep[] = []
  let isComplete = true
  for (let pass = 0; pass < mostPasses; pass += 1) {
    const related: Envelope[] = []
    isComplete = true
    for await (const envelope of journal.read()) {
      if (!threadsOf(envelope).some((thread) => known.has(thread))) continue
      if (related.length < longestTrail) related.push(envelope)
      else isComplete = false
    }
    trail = trailOf(asked, related)
    const causes = trail.filter(({ distance }) => distance <= 0)
    const threads = new Set(causes.flatMap(({ envelope }) => threadsOf(envelope)))
    if (threads.size === known.size) break
    known = threads
  }
  const root = trail[0]?.envelope.correlationId ?? asked.correlationId
  const cut = isComplete ? [] : [`There is more than ${longestTrail} messages: what came last is left out.`]
  return { id, root, trail, isComplete, text: [`Root: ${root}`, ...trail.map(line), ...cut].join('\n') }
}

/** By what messages of one trail are recognised in passing: what started them, and the ids that stand in many of them. */
function threadsOf(envelope: Envelope): readonly string[] {
  const { own, from } = linksOf(envelope)
  return [`root/${envelope.correlationId}`, ...own, ...from]
}

/** Ancestors and descendants of a message among related ones, which stand in the order in which they happened. */
function trailOf(asked: Envelope, related: readonly Envelope[]): readonly TrailStep[] {
  const links = new Map(related.map((envelope) => [envelope, linksOf(envelope)]))
  const at = related.findIndex(({ id }) => id === asked.id)
  const distances = new Map<Envelope, number>([[related[at] as Envelope, 0]])

  const wanted = new Map<string, number>()
  const want = (envelope: Envelope, distance: number) => {
    for (const link of links.get(envelope)?.from ?? []) if (!wanted.has(link)) wanted.set(link, distance)
  }
  want(related[at] as Envelope, -1)
  for (let index = at - 1; index >= 0; index -= 1) {
    const envelope = related[index] as Envelope
    const found = (links.get(envelope)?.own ?? []).map((link) => wanted.get(link) ?? 0)
    const distance = Math.max(...found.filter((it) => it < 0), Number.NEGATIVE_INFINITY)
    if (distance === Number.NEGATIVE_INFINITY) continue
    distances.set(envelope, distance)
    want(envelope, distance - 1)
  }

  const given = new Map<string, number>()
  const give = (envelope: Envelope, distance: number) => {
    for (const link of links.get(envelope)?.own ?? []) given.set(link, Math.min(distance, given.get(link) ?? distance))
  }
  // How the trade ended belongs to the trail of everything in it.
  const intents = new Set([...distances.keys()].flatMap((it) => links.get(it)?.own.filter(isIntent) ?? []))
  give(related[at] as Envelope, 1)
  for (let index = at + 1; index < related.length; index += 1) {
    const envelope = related[index] as Envelope
    const { from = [] } = links.get(envelope) ?? {}
    const isEnd = envelope.type === flow.outcome.name && from.some((link) => intents.has(link))
    const distance = Math.min(
      ...from.map((link) => given.get(link) ?? Number.POSITIVE_INFINITY),
      isEnd ? 1 : Number.POSITIVE_INFINITY,
    )
    if (distance === Number.POSITIVE_INFINITY) continue
    distances.set(envelope, distance)
    give(envelope, distance + 1)
  }
  return related.flatMap((envelope) => {
    const distance = distances.get(envelope)
    return distance === undefined ? [] : [{ distance, envelope, text: describe(envelope) }]
  })
}

function isIntent(link: string): boolean {
  return link.startsWith('intent/')
}

interface Moment {
  readonly strategyId: string | null
  readonly symbol: string
  readonly at: number
}

function readMoment(id: string): Moment | null {
  const match = /^(?:(.+)@)?([A-Z0-9]+\/[A-Z0-9:-]+)@([^@]+)$/.exec(id)
  if (match === null) return null
  const [, strategyId = null, symbol = '', text = ''] = match
  const at = /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isFinite(at) ? { strategyId, symbol, at } : null
}

async function explainMoment(journal: Pick<Journal, 'read'>, id: string, moment: Moment): Promise<Explanation | null> {
  const newest = new Map<string, Envelope>()
  for await (const envelope of journal.read()) {
    if (envelope.type !== flow.evaluation.name || envelope.occurredAt > moment.at) continue
    const { symbol, strategyId, timeframe } = envelope.payload as Evaluation
    if (symbol !== moment.symbol || (moment.strategyId !== null && strategyId !== moment.strategyId)) continue
    newest.set(`${strategyId}@${timeframe}`, envelope)
  }
  if (newest.size === 0) return null
  const trail = [...newest.values()].map((envelope) => ({ distance: 0, envelope, text: describe(envelope) }))
  const head = `${moment.symbol} at ${new Date(moment.at).toISOString()}: the newest judgement of each strategy`
  return { id, root: id, trail, isComplete: true, text: [head, ...trail.map(line)].join('\n') }
}

function line({ distance, envelope, text }: TrailStep): string {
  return timed(distance === 0 ? '=>' : distance < 0 ? ' ^' : ' v', envelope.occurredAt, text)
}
