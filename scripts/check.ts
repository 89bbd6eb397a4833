/**
 * Checks everything the repository promises. `npm test` runs it; `npm run test:long` runs it with full counts, and goes on
 * where it stopped as long as nothing changed. `npm test -- --only=lint,tidy` runs these steps only.
 */

import { basename } from 'node:path'
import { createConsumer } from './check/consumer.js'
import { exampleSteps } from './check/examples.js'
import { packageSteps } from './check/packages.js'
import { loadProgress } from './check/progress.js'
import { failed, nodeStep, type Outcome, type Step, sum } from './check/step.js'
import { suite, suitePerFile } from './check/suites.js'
import { tools } from './check/tools.js'
import { packageDirs } from './workspace.js'

const long = process.argv.includes('--long')
if (long) process.env['BARFINEX_TEST_LONG'] = '1'
const progress = long ? loadProgress() : undefined
const consumer = createConsumer()
const alone = { isAlone: true } as const

const all: readonly Step[] = [
  tools,
  nodeStep('lint', 'node_modules/@biomejs/biome/bin/biome', 'check'),
  nodeStep('tidy', '--import', 'tsx', 'scripts/tidy.ts'),
  nodeStep('types', '--import', 'tsx', 'scripts/typecheck.ts'),
  { ...nodeStep('build', '--import', 'tsx', 'scripts/build.ts'), always: true },
  ...(long
    ? [
        ...packageDirs().map((dir) => suite(`tests of ${basename(dir)}`, [`packages/${basename(dir)}/`])),
        suite('tests of scripts', ['scripts/']),
      ]
    : [suite('unit tests', ['packages/', 'scripts/'])]),
  suite('end-to-end tests', ['e2e/'], {
    without: ['e2e/faults/**', 'e2e/processes/**', 'e2e/crash/**', 'e2e/sockets/**', 'e2e/kill-switch/**'],
  }),
  ...(long ? suitePerFile('fault runs', 'e2e/faults') : [suite('fault runs', ['e2e/faults/'])]),
  ...(long
    ? ['e2e/processes', 'e2e/crash', 'e2e/kill-switch', 'e2e/sockets'].flatMap((it) =>
        suitePerFile('processes', it, alone),
      )
    : [suite('processes', ['e2e/processes/', 'e2e/crash/', 'e2e/kill-switch/', 'e2e/sockets/'], alone)]),
  ...packageSteps(consumer),
  ...exampleSteps(consumer),
  nodeStep('flow page', '--import', 'tsx', 'scripts/docs.ts', '--check'),
  nodeStep('API reference', 'node_modules/typedoc/bin/typedoc'),
]

const only = process.argv
  .find((argument) => argument.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',')
const steps = all.filter(({ name }) => only === undefined || only.includes(name))

async function runStep(step: Step, at: number): Promise<Outcome> {
  const label = `[${at + 1}/${steps.length}] ${step.name}`
  const before = step.always ? undefined : progress?.of(step.name)
  if (before !== undefined) {
    process.stdout.write(`${label}: passed earlier\n`)
    return before
  }
  process.stdout.write(`${label} …\n`)
  const startedAt = performance.now()
  const outcome = await step.run().catch((error: unknown) => {
    process.stdout.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    return failed
  })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  process.stdout.write(`${label}: ${outcome.failed === 0 ? 'ok' : 'FAILED'} in ${seconds} s\n`)
  if (outcome.failed === 0) progress?.keep(step.name, outcome)
  return outcome
}

const outcomes: Outcome[] = []
try {
  for (const [at, step] of steps.entries()) outcomes.push(await runStep(step, at))
} finally {
  consumer.close()
}

process.stdout.write('\n')
for (const [at, { name }] of steps.entries()) {
  const { passed, failed, skipped, note } = outcomes[at] ?? { passed: 0, failed: 0, skipped: 0 }
  const counts = [passed, failed, skipped].map((count) => String(count).padStart(6)).join('')
  process.stdout.write(`${name.padEnd(24)}${counts}${note === undefined ? '' : `  ${note}`}\n`)
}
const total = sum(outcomes)
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`)
process.exit(total.failed === 0 ? 0 : 1)
