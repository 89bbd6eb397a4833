import { BarfinexError, createLog, createMemoryJournal, version } from '@barfinex/core'
import { startOf } from '../backtest.js'
import { defaultDesk } from '../run/default-desk.js'
import { holds } from '../run/invariants.js'
import { type Manifest, openRunJournal, writeManifest } from '../run/manifest.js'
import { recordedMarket } from '../run/market.js'
import { refuseUnfed } from '../run/refuse-unfed.js'
import { runDesk } from '../run/run-desk.js'
import { readInteger, readProfile } from './arguments.js'
import { type Command, commonOptions } from './command.js'
import { loadStrategy } from './load-strategy.js'
import { onInterrupt } from './on-interrupt.js'
import { exitCodes } from './output.js'
import { describeProgress, describeRun } from './summary.js'

/** One strategy over one recorded market. */
export const backtestCommand: Command = {
  name: 'backtest',
  words: 'STRATEGY',
  help: 'runs one strategy (a ready one by name, or a file) over a recorded market with the whole desk',
  options: [
    { name: 'tape', value: 'FILE', help: 'the recorded market; its sidecar FILE.tape.json says what it holds' },
    { name: 'seed', value: 'N', help: 'seed of ids and chance; 7 when absent' },
    { name: 'profile', value: 'NAME', help: 'limits of the advisor: exploratory (default) or strict' },
    { name: 'journal', value: 'DIR', help: 'keeps the journal there' },
    ...commonOptions,
  ],
  async run(args, output) {
    const [name] = args.words
    const tape = args.text('tape')
    if (name === undefined || tape === undefined) {
      throw new BarfinexError(
        'options.invalid',
        'Say which strategy and which tape: barfinex backtest ema-pullback --tape FILE.',
      )
    }
    const seed = readInteger('seed', args.text('seed') ?? '7', 0, 2 ** 32 - 1)
    const profile = readProfile(args.text('profile'))
    const strategy = await loadStrategy(name)
    const market = await recordedMarket(tape)
    const startAt = await startOf(market.exchange)
    await refuseUnfed([strategy], market.exchange)
    const directory = args.text('journal')
    const journal =
      directory === undefined ? createMemoryJournal({ keepCount: 0 }) : await openRunJournal(directory, 'never')
    const manifest: Manifest = {
      format: 1,
      version,
      seed,
      market: market.described,
      strategies: [{ name, hash: strategy.hash }],
      profile,
      from: startAt,
      to: null,
      journalHash: null,
    }
    if (directory !== undefined) await writeManifest(directory, manifest)
    const stopping = new AbortController()
    const release = onInterrupt(stopping, output)
    let stopProgress = () => {}
    const desk = defaultDesk({ exchange: market.exchange, strategies: [strategy], profile })
    try {
      const result = await runDesk(desk, {
        startAt,
        seed,
        journal,
        abortSignal: stopping.signal,
        log: createLog({ level: 'error' }),
        onStart({ provider }, clock, read) {
          const show = () => output.progress(describeProgress(clock.now(), read(), provider.account().equityQuote))
          const timer = setInterval(show, 2_000)
          stopProgress = () => clearInterval(timer)
        },
      })
      await journal.close()
      if (directory !== undefined) {
        await writeManifest(directory, { ...manifest, to: result.to, journalHash: result.journalHash })
      }
      output.result(result, describeRun(result))
      return holds(result.invariants) ? exitCodes.done : exitCodes.failed
    } finally {
      stopProgress()
      release()
    }
  },
}
