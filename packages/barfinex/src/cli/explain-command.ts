import { BarfinexError, createFileJournal, explain } from '@barfinex/core'
import { type Command, commonOptions } from './command.js'
import { exitCodes } from './output.js'

/** Why, and why not. */
export const explainCommand: Command = {
  name: 'explain',
  words: 'ID',
  help: 'walks the trail of an order, fill, verdict, decision or signal both ways; or of a moment: SYMBOL@TIME',
  options: [{ name: 'journal', value: 'DIR', help: 'directory of the journal' }, ...commonOptions],
  async run(args, output) {
    const [id] = args.words
    const directory = args.text('journal')
    if (id === undefined || directory === undefined) {
      throw new BarfinexError('options.invalid', 'Say what and where: barfinex explain ID --journal DIR.')
    }
    const journal = await createFileJournal({ directory, readOnly: true })
    try {
      const explanation = await explain(journal, id)
      if (explanation === null) {
        output.result(
          { found: false, id },
          `Nothing in ${directory} is called ${id}. Studio shows the ids; a moment such as BTC/USDT@2024-01-01T12:00Z needs none.`,
        )
        return exitCodes.failed
      }
      output.result({ found: true, ...explanation }, explanation.text)
      return exitCodes.done
    } finally {
      await journal.close()
    }
  },
}
