import { BarfinexError } from '@barfinex/core'
import { replay } from '../replay.js'
import { type Command, commonOptions } from './command.js'
import { loadStrategy } from './load-strategy.js'
import { exitCodes } from './output.js'

/** A recorded run, once more. */
export const replayCommand: Command = {
  name: 'replay',
  words: 'JOURNAL',
  help: 'does the run of a journal directory again and compares every command and fact',
  options: commonOptions,
  async run(args, output) {
    const [directory] = args.words
    if (directory === undefined) throw new BarfinexError('options.invalid', 'Say which journal: barfinex replay DIR.')
    const found = await replay(directory, loadStrategy)
    const { same, compared, difference, recordedHash, replayedHash } = found
    const text = same
      ? `The same: ${compared} commands and facts, journal hash ${recordedHash}.`
      : `Different after ${difference?.index ?? compared} equal commands and facts.\n  recorded ${difference?.recorded ?? recordedHash}\n  replayed ${difference?.replayed ?? replayedHash}`
    output.result(found, text)
    return same ? exitCodes.done : exitCodes.differs
  },
}
