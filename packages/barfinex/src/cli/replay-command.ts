import { BarfinexError } from '@barfinex/core'
import { replay } from '../replay.js'
import { type Command, commonOptions } from './command.js'
import { loadStrategy } from './load-strategy.js'
import { onInterrupt } from './on-interrupt.js'
import { exitCodes } from './output.js'
import { instant } from './summary.js'

/** A recorded run, once more. */
export const replayCommand: Command = {
  name: 'replay',
  words: 'JOURNAL',
  help: 'does the run of a journal directory again and compares every command and fact',
  options: commonOptions,
  async run(args, output) {
    const [directory] = args.words
    if (directory === undefined) throw new BarfinexError('options.invalid', 'Say which journal: barfinex replay DIR.')
    const stopping = new AbortController()
    const release = onInterrupt(stopping, output)
    const found = await replay(directory, loadStrategy, { abortSignal: stopping.signal }).finally(release)
    const { same, compared, difference, recordedHash, replayedHash, cutAt, interrupted } = found
    if (cutAt !== null) {
      output.note(
        `The run was cut: its process ended before it was drained. It was compared up to its last record, ${instant(cutAt)}.`,
      )
    }
    if (interrupted) output.note('The replay was stopped. It was compared up to there.')
    const what = compared === 0 ? 'nothing was recorded, so nothing differs' : `${compared} commands and facts`
    const text = same
      ? `The same: ${what}, journal hash ${recordedHash}.`
      : `Different after ${difference?.index ?? compared} equal commands and facts.\n  recorded ${difference?.recorded ?? recordedHash}\n  replayed ${difference?.replayed ?? replayedHash}`
    output.result(found, text)
    if (!same) return exitCodes.differs
    return interrupted ? exitCodes.interrupted : exitCodes.done
  },
}
