import type { OptionRow, ParsedArguments } from './arguments.js'
import type { Output } from './output.js'

/** One word after `barfinex`. */
export interface Command {
  readonly name: string
  /** The words it takes, for the help. */
  readonly words: string
  readonly help: string
  readonly options: readonly OptionRow[]
  /** Does it; returns the exit code. */
  run(args: ParsedArguments, output: Output): Promise<number>
}

/** Options that every command has. */
export const commonOptions: readonly OptionRow[] = [
  { name: 'json', help: 'one JSON object as the last line on standard output' },
  { name: 'help', help: 'says what the command does' },
]
