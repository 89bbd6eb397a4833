import { BarfinexError, version } from '@barfinex/core'
import { readArguments } from './arguments.js'
import type { Command } from './command.js'
import { createOutput, exitCodes, failureOf } from './output.js'

/** Loaded only when they are called: help must not wait for a web server. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./up.js')).up,
  backtest: async () => (await import('./backtest-command.js')).backtestCommand,
  replay: async () => (await import('./replay-command.js')).replayCommand,
  explain: async () => (await import('./explain-command.js')).explainCommand,
  keys: async () => (await import('./keys-command.js')).keysCommand,
  doctor: async () => (await import('./doctor-command.js')).doctorCommand,
}

/** Runs the command line and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  // It may stand before the command too.
  const [name, ...rest] = args.filter((it) => it !== '--json')
  const output = createOutput(args.includes('--json'))
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      output.result({ commands: Object.keys(commands) }, await overview())
      return exitCodes.done
    }
    if (name === '--version') {
      output.result({ version }, version)
      return exitCodes.done
    }
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (load === undefined) {
      const known = Object.keys(commands).join(', ')
      throw new BarfinexError('options.invalid', `There is no command "${name}". Commands: ${known}.`)
    }
    const command = await load()
    const parsed = readArguments(name, command.options, rest)
    if (parsed.has('help')) {
      output.result({ command: name, options: command.options }, usageOf(command))
      return exitCodes.done
    }
    const most = command.words === '' ? 0 : command.words.split(' ').length
    const surplus = parsed.words[most]
    if (surplus !== undefined) {
      const call = `barfinex ${name} ${command.words}`.trimEnd()
      throw new BarfinexError('options.invalid', `"${surplus}" is one word too many. The call is: ${call} [options].`)
    }
    return await command.run(parsed, output)
  } catch (error) {
    const failure = failureOf(error)
    output.note(`${failure.code}: ${failure.message}`)
    if (output.json) output.result({ error: { code: failure.code, message: failure.message } }, '')
    return failure.exit
  }
}

async function overview(): Promise<string> {
  const rows = await Promise.all(Object.values(commands).map((load) => load()))
  const lines = rows.map((it) => `  ${`${it.name} ${it.words}`.padEnd(18)} ${it.help}`)
  return `barfinex ${version}\n\n${lines.join('\n')}\n\nbarfinex COMMAND --help says more. Exit codes: 0 done, 1 failed, 2 wrong call or file, 3 a replay or check differs, 130 stopped by Ctrl-C.`
}

function usageOf(command: Command): string {
  const rows = command.options.map((it) => {
    const left = it.value === undefined ? `--${it.name}` : `--${it.name} ${it.value}`
    return `  ${left.padEnd(24)} ${it.help}`
  })
  return `${`barfinex ${command.name} ${command.words}`.trimEnd()}\n  ${command.help}\n\n${rows.join('\n')}`
}
