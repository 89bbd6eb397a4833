import { spawn } from 'node:child_process'
import { root } from '../workspace.js'

/** What a step found: each thing it checked is one passed, failed or skipped. */
export interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Said in the summary: why something was skipped, or what was counted. */
  readonly note?: string
}

export interface Step {
  readonly name: string
  /** Leaves something behind that later steps need, so a resumed run repeats it. */
  readonly always?: boolean
  readonly run: () => Promise<Outcome>
}

export const passed: Outcome = { passed: 1, failed: 0, skipped: 0 }
export const failed: Outcome = { passed: 0, failed: 1, skipped: 0 }

export function sum(outcomes: readonly Outcome[]): Outcome {
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const outcome of outcomes) {
    total.passed += outcome.passed
    total.failed += outcome.failed
    total.skipped += outcome.skipped
  }
  const notes = outcomes.flatMap(({ note }) => note ?? [])
  return notes.length === 0 ? total : { ...total, note: notes.join('; ') }
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Shows the output while it runs; otherwise it is kept, and shown only when the command fails. */
  readonly live?: boolean
  readonly timeoutMs?: number
}

export interface Finished {
  readonly ok: boolean
  /** Both streams, as they came; empty when they were shown live. */
  readonly output: string
}

/** Runs a program to its end, without standard input. */
export function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const { cwd = root, env = {}, live = false, timeoutMs = 20 * 60_000 } = options
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: live ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (error) => chunks.push(Buffer.from(`${program}: ${error.message}\n`)))
    child.on('close', (code, signal) => {
      if (signal !== null) chunks.push(Buffer.from(`${program} was ended by ${signal}\n`))
      resolve({ ok: code === 0, output: Buffer.concat(chunks).toString('utf8') })
    })
  })
}

/** A command that is one check: its output is shown when it fails. */
export async function checkCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  const { ok, output } = await command(program, args, options)
  if (!ok) process.stdout.write(output)
  return ok ? passed : failed
}

/** Runs a file of this repository's tools with this Node. */
export function nodeStep(name: string, ...args: readonly string[]): Step {
  return { name, run: () => checkCommand(process.execPath, args) }
}
