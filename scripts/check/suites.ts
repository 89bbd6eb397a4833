import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../workspace.js'
import { command, failed, type Outcome, type Step } from './step.js'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numFailedTestSuites: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

interface SuiteOptions {
  /** Patterns of what belongs to another step. */
  readonly without?: readonly string[]
  /** One file after the other: they start processes of their own and would take the machine from each other. */
  readonly isAlone?: boolean
}

async function runVitest(name: string, folders: readonly string[], options: SuiteOptions): Promise<Outcome> {
  const file = join(root, `.cache/vitest-${name}.json`)
  mkdirSync(join(root, '.cache'), { recursive: true })
  rmSync(file, { force: true })
  const vitest = 'node_modules/vitest/vitest.mjs'
  const { without = [], isAlone = false } = options
  const chosen = [...folders, ...without.map((it) => `--exclude=${it}`), ...(isAlone ? ['--no-file-parallelism'] : [])]
  const args = [vitest, 'run', ...chosen, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const { ok } = await command(process.execPath, [...args, '--passWithNoTests'], { live: true, timeoutMs: 80 * 60_000 })
  if (!existsSync(file)) return failed
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report
  // A file that cannot be loaded, or an error outside any test, has no failed test of its own.
  const silentFailure = !ok && numFailedTests === 0 ? 1 : 0
  return { passed: numPassedTests, failed: numFailedTests + silentFailure, skipped: numPendingTests + numTodoTests }
}

/** The tests of these folders or files, as one step. */
export function suite(name: string, folders: readonly string[], options: SuiteOptions = {}): Step {
  return { name, run: () => runVitest(name.replaceAll(/\W+/g, '-'), folders, options) }
}

/** The tests of a folder, a step for each file: a long run that is stopped loses one file's work. */
export function suitePerFile(name: string, folder: string, options: SuiteOptions = {}): readonly Step[] {
  const files = readdirSync(join(root, folder)).filter((it) => it.endsWith('.test.ts'))
  return files.map((file) => suite(`${name}: ${file.replace('.test.ts', '')}`, [`${folder}/${file}`], options))
}
