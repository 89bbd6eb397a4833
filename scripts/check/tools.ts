import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { command, failed, type Outcome, passed, type Step } from './step.js'

interface Tool {
  readonly name: string
  /** Where the tests look for it. */
  readonly variable: string
  readonly programs: readonly string[]
  readonly debianPackages: readonly string[]
}

const REDIS: Tool = {
  name: 'Redis',
  variable: 'BARFINEX_REDIS_SERVER',
  programs: ['redis-server'],
  debianPackages: ['redis-server'],
}

const CHROMIUM: Tool = {
  name: 'Chromium',
  variable: 'BARFINEX_CHROMIUM',
  programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  debianPackages: ['chromium'],
}

const JUPYTER: Tool = {
  name: 'Jupyter nbconvert',
  variable: 'BARFINEX_JUPYTER',
  programs: ['jupyter-nbconvert'],
  debianPackages: ['jupyter-nbconvert', 'jupyter-client'],
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function find(tool: Tool): string | undefined {
  const named = process.env[tool.variable]
  if (named !== undefined && named !== '') return isExecutable(named) ? named : undefined
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return tool.programs.flatMap((program) => folders.map((folder) => join(folder, program))).find(isExecutable)
}

/** `apt-get`, with sudo where that asks no password; `undefined` where neither works. */
async function aptGet(): Promise<readonly string[] | undefined> {
  if (!existsSync('/usr/bin/apt-get')) return undefined
  if (process.getuid?.() === 0) return ['apt-get']
  return (await command('sudo', ['-n', 'true'])).ok ? ['sudo', '-n', 'apt-get'] : undefined
}

async function installFromDebian(tool: Tool): Promise<void> {
  const [program, ...prefix] = (await aptGet()) ?? []
  if (program === undefined) return
  process.stdout.write(`  installing ${tool.debianPackages.join(' ')} …\n`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await command(program, [...prefix, 'update'], { env })
  const args = [...prefix, 'install', '-y', '--no-install-recommends', ...tool.debianPackages]
  const { ok, output } = await command(program, args, { env })
  if (!ok) process.stdout.write(output)
}

/** Finds a tool or installs it, and tells the tests where it is. */
async function provide(tool: Tool): Promise<boolean> {
  let program = find(tool)
  if (program === undefined) {
    await installFromDebian(tool)
    program = find(tool)
  }
  if (program === undefined) {
    const packages = tool.debianPackages.join(' ')
    process.stdout.write(
      `  ${tool.name} is missing. Install it (Debian: apt-get install ${packages}) or set ${tool.variable}.\n`,
    )
    return false
  }
  process.env[tool.variable] = program
  return true
}

/** The programs that tests run for real. */
export const tools: Step = {
  name: 'tools',
  always: true,
  async run(): Promise<Outcome> {
    const redis = await provide(REDIS)
    const chromium = await provide(CHROMIUM)
    return redis && chromium ? passed : failed
  },
}

/** Path of `jupyter-nbconvert`, or `undefined` when it cannot be had here. */
export async function provideNotebooks(): Promise<string | undefined> {
  return (await provide(JUPYTER)) ? process.env[JUPYTER.variable] : undefined
}
