import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
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

async function runVitest(name: string, folders: readonly string[]): Promise<Outcome> {
  const file = join(root, `.cache/vitest-${name}.json`)
  mkdirSync(join(root, '.cache'), { recursive: true })
  rmSync(file, { force: true })
  const vitest = 'node_modules/vitest/vitest.mjs'
  const args = [vitest, 'run', ...folders, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const { ok } = await command(process.execPath, [...args, '--passWithNoTests'], { live: true, timeoutMs: 80 * 60_000 })
  if (!existsSync(file)) return failed
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report
  // A file that cannot be loaded, or an error outside any test, has no failed test of its own.
  const silentFailure = !ok && numFailedTests === 0 ? 1 : 0
  return { passed: numPassedTests, failed: numFailedTests + silentFailure, skipped: numPendingTests + numTodoTests }
}

/** The tests of these folders, as one step. */
export function suite(name: string, ...folders: readonly string[]): Step {
  return { name, run: () => runVitest(name.replaceAll(/\W+/g, '-'), folders) }
}
