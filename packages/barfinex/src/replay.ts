import {
  BarfinexError,
  createFactChain,
  createFileJournal,
  createMemoryJournal,
  type Envelope,
  flow,
  type Journal,
  silentLog,
} from '@barfinex/core'
import type { Strategy } from '@barfinex/detector'
import { defaultDesk } from './run/default-desk.js'
import { cassetteOf, readManifest } from './run/manifest.js'
import { fileHash, generatedMarket, type Market, recordedMarket } from './run/market.js'
import { actsOf } from './run/recorded-acts.js'
import { type RunResult, runDesk } from './run/run-desk.js'

/** What a replay found. */
export interface ReplayResult {
  /** True when every command and fact came again, in order. */
  readonly same: boolean
  readonly recordedHash: string
  readonly replayedHash: string
  /** Commands and facts that were compared. */
  readonly compared: number
  /** The first place where the two differ, or `null`. */
  readonly difference: {
    readonly index: number
    readonly recorded: string | null
    readonly replayed: string | null
  } | null
  /**
   * Last recorded instant of a run whose process ended before it was drained, else `null`. Then only what was recorded is
   * compared: the replay goes on where the record is cut.
   */
  readonly cutAt: number | null
  /** True when the replay was stopped: only what had come until then is compared. */
  readonly interrupted: boolean
  readonly result: RunResult
}

export interface ReplayOptions {
  /** Ends the replay; what has come again by then is compared. */
  readonly abortSignal?: AbortSignal
}

/**
 * Does a recorded run again from its manifest, with what came from outside at its instants, and compares all facts. A run that
 * was killed is done again up to its last recorded fact.
 *
 * Throws `config.invalid` when tape or strategy are not the ones of the run.
 */
export async function replay(
  directory: string,
  load: (name: string) => Promise<Strategy>,
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  const manifest = await readManifest(directory)
  const recorded = await createFileJournal({ directory, readOnly: true })
  try {
    const facts = await factsOf(recorded)
    const cutAt = manifest.to === null ? (facts.at(-1)?.occurredAt ?? manifest.from) : null
    const strategies = await Promise.all(manifest.strategies.map((it) => sameStrategy(it.name, it.hash, load)))
    const journal = createMemoryJournal()
    const result = await runDesk(
      defaultDesk({
        exchange: (await sameMarket(manifest.market, manifest.seed)).exchange,
        strategies,
        profile: manifest.profile,
        ...(manifest.llm === null ? {} : { llm: recordedLlm(manifest.llm, directory) }),
      }),
      {
        startAt: manifest.from,
        seed: manifest.seed,
        journal,
        acts: actsOf(facts),
        log: silentLog,
        until: manifest.to ?? cutAt ?? manifest.from,
        ...(options.abortSignal === undefined ? {} : { abortSignal: options.abortSignal }),
      },
    )
    const all = await factsOf(journal)
    const interrupted = options.abortSignal?.aborted === true
    // What a drain said at the end of a replay that goes on elsewhere is no part of the recorded run.
    const compared = interrupted ? all.filter((it) => it.occurredAt < result.to).length : facts.length
    const again = cutAt !== null || interrupted ? all.slice(0, compared) : all
    const before = interrupted ? facts.slice(0, compared) : facts
    const difference = firstDifference(before, again)
    const recordedHash = interrupted ? hashOf(before) : recorded.hash()
    const replayedHash = again === all ? result.journalHash : hashOf(again)
    return {
      same: difference === null && recordedHash === replayedHash,
      recordedHash,
      replayedHash,
      compared,
      difference,
      cutAt,
      interrupted,
      result,
    }
  } finally {
    await recorded.close()
  }
}

/** The answers of the run again, and none but them. */
function recordedLlm(
  { baseUrl, model, mode }: { baseUrl: string; model: string; mode: 'shadow' | 'veto' | 'require' },
  directory: string,
) {
  const cassette = { file: cassetteOf(directory), mode: 'replay' as const }
  return { mode, endpoints: [{ baseUrl, model }], cassette }
}

/** Channels of commands and facts by their name. */
const factChannels = new Map(
  Object.values(flow).flatMap((it) => (it.class === 'command' || it.class === 'fact' ? [[it.name, it] as const] : [])),
)

async function factsOf(journal: Journal): Promise<Envelope[]> {
  const facts: Envelope[] = []
  for await (const envelope of journal.read()) if (factChannels.has(envelope.type)) facts.push(envelope)
  return facts
}

function hashOf(facts: readonly Envelope[]): string {
  const chain = createFactChain()
  for (const fact of facts) chain.add(fact, factChannels.get(fact.type) as never)
  return chain.hash()
}

function firstDifference(recorded: readonly Envelope[], replayed: readonly Envelope[]): ReplayResult['difference'] {
  const length = Math.max(recorded.length, replayed.length)
  for (let index = 0; index < length; index += 1) {
    const [a, b] = [recorded[index], replayed[index]]
    if (a?.id === b?.id && a?.occurredAt === b?.occurredAt) continue
    return { index, recorded: describe(a), replayed: describe(b) }
  }
  return null
}

function describe(envelope: Envelope | undefined): string | null {
  return envelope === undefined ? null : `${envelope.id} at ${new Date(envelope.occurredAt).toISOString()}`
}

async function sameStrategy(name: string, hash: string, load: (name: string) => Promise<Strategy>): Promise<Strategy> {
  const strategy = await load(name)
  if (strategy.hash === hash) return strategy
  throw new BarfinexError(
    'config.invalid',
    `The strategy ${name} is not the one of the run any more. Take the file as it was then.`,
    {
      details: { recorded: hash, found: strategy.hash },
    },
  )
}

async function sameMarket(
  market: { kind: 'generated'; symbols: readonly string[] | null } | { kind: 'tape'; path: string; sha256: string },
  seed: number | string,
): Promise<Market> {
  if (market.kind === 'generated') return generatedMarket(seed, market.symbols)
  if ((await fileHash(market.path)) !== market.sha256) {
    throw new BarfinexError(
      'config.invalid',
      `The tape ${market.path} is not the one of the run any more. Put the file back as it was.`,
    )
  }
  return recordedMarket(market.path)
}
