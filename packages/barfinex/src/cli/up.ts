import { homedir } from 'node:os'
import { join } from 'node:path'
import { createLog, createMemoryJournal, version } from '@barfinex/core'
import { terminalDirectory } from '@barfinex/studio-client'
import { startOf } from '../backtest.js'
import { defaultDesk, readyStrategies } from '../run/default-desk.js'
import { holds } from '../run/invariants.js'
import { type Manifest, openRunJournal, writeManifest } from '../run/manifest.js'
import { generatedMarket, recordedMarket } from '../run/market.js'
import { refuseUnfed } from '../run/refuse-unfed.js'
import { runDesk } from '../run/run-desk.js'
import { readDuration, readInteger, readProfile, readSpeed, readSymbols } from './arguments.js'
import { type Command, commonOptions } from './command.js'
import { loadStrategy } from './load-strategy.js'
import { narrate } from './narrate.js'
import { onInterrupt } from './on-interrupt.js'
import { exitCodes } from './output.js'
import { callingLlm, llmRows, readLlm } from './read-llm.js'
import { describeProgress, describeRun, instant } from './summary.js'

const defaultSpeed = 60
const progressEveryMs = 2_000

/** All five services in one process on the paper exchange. */
export const up: Command = {
  name: 'up',
  words: '',
  help: 'starts all services in one process on the paper exchange and shows them in the terminal',
  options: [
    { name: 'for', value: 'TIME', help: 'stops after so much market time: 10m, 1d; runs until Ctrl-C when absent' },
    { name: 'speed', value: 'N|max', help: `market time over wall time; ${defaultSpeed} when absent` },
    { name: 'seed', value: 'N', help: 'seed of the generated market; 7 when absent' },
    { name: 'tape', value: 'FILE', help: 'plays a recorded market instead' },
    { name: 'symbols', value: 'A,B', help: 'symbols of the generated market' },
    { name: 'strategy', value: 'NAME|FILE', help: 'runs this strategy alone' },
    { name: 'profile', value: 'NAME', help: 'limits of the advisor: exploratory (default) or strict' },
    ...llmRows,
    { name: 'port', value: 'N', help: 'port of the terminal; any free one when absent' },
    { name: 'no-studio', help: 'opens no port at all' },
    { name: 'journal', value: 'DIR', help: 'keeps the journal there, so the run can be replayed and explained' },
    { name: 'verbose', help: 'shows the log of the services' },
    ...commonOptions,
  ],
  async run(args, output) {
    const seed = readInteger('seed', args.text('seed') ?? '7', 0, 2 ** 32 - 1)
    const tape = args.text('tape')
    const forText = args.text('for')
    const forMs = forText === undefined ? null : readDuration('for', forText)
    const speed = readSpeed(args.text('speed') ?? String(defaultSpeed))
    const port = readInteger('port', args.text('port') ?? '0', 0, 65_535)
    const profile = readProfile(args.text('profile'))
    const symbols = readSymbols(args.text('symbols'))
    const llm = readLlm(args)
    const named = args.text('strategy')
    const strategies = named === undefined ? readyStrategies : [await loadStrategy(named)]
    const market = tape === undefined ? generatedMarket(seed, symbols) : await recordedMarket(tape)
    const startAt = await startOf(market.exchange)
    if (tape !== undefined) await refuseUnfed(strategies, market.exchange)
    const until = forMs === null ? null : startAt + forMs
    const directory = args.text('journal')
    const journal =
      directory === undefined ? createMemoryJournal({ keepCount: 50_000 }) : await openRunJournal(directory, 'interval')
    const manifest: Manifest = {
      format: 1,
      version,
      seed,
      market: market.described,
      strategies: strategies.map((it) => ({ name: named ?? it.id, hash: it.hash })),
      profile,
      llm,
      from: startAt,
      until,
      to: null,
      journalHash: null,
    }
    if (directory !== undefined) await writeManifest(directory, manifest)
    const isStudio = !args.has('no-studio')
    const desk = defaultDesk({
      exchange: market.exchange,
      strategies,
      profile,
      ...(llm === null ? {} : { llm: callingLlm(llm, directory) }),
      ...(isStudio ? { gateway: { port, tokenFile: tokenFile(), terminalDirectory: terminalDirectory() } } : {}),
    })
    const stopping = new AbortController()
    const release = onInterrupt(stopping, output)
    let stopProgress = () => {}
    try {
      const result = await runDesk(desk, {
        startAt,
        seed,
        speed,
        journal,
        abortSignal: stopping.signal,
        log: createLog({ level: args.has('verbose') ? 'info' : 'error' }),
        ...(until === null ? {} : { until }),
        onStart({ provider, runtime }, clock, read) {
          const url = provider.ticketUrl()
          if (url !== null) output.note(`Studio (works once, then this tab stays signed in): ${url}`)
          output.note(
            `Market time ${instant(startAt)}, speed ${speed === Number.POSITIVE_INFINITY ? 'max' : speed}, ${profile} limits. Ctrl-C drains and prints the result.`,
          )
          // At full speed there is nobody who could read along.
          if (!output.json && speed !== Number.POSITIVE_INFINITY) narrate(runtime.bus, output.note)
          const show = () => output.progress(describeProgress(clock.now(), read(), provider.account().equityQuote))
          const timer = setInterval(show, progressEveryMs)
          stopProgress = () => clearInterval(timer)
        },
      })
      await journal.close()
      if (directory !== undefined) {
        await writeManifest(directory, { ...manifest, to: result.to, journalHash: result.journalHash })
      }
      output.result(result, describeRun(result))
      if (profile === 'exploratory')
        output.note(
          'The limits are exploratory: they let trades pass whose expectation is not proven. Not for real money.',
        )
      return holds(result.invariants) ? exitCodes.done : exitCodes.failed
    } finally {
      stopProgress()
      release()
    }
  },
}

function tokenFile(): string {
  const state = process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state')
  return join(state, 'barfinex', 'tokens.json')
}
