import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { packageDirs, root } from '../workspace.js'
import { type Consumer, npmInstall } from './consumer.js'
import { checkCommand, failed, type Outcome, type Step, sum } from './step.js'
import { provideNotebooks } from './tools.js'

const LONGEST_MS = 3 * 60_000

function runTypeScript(consumer: Consumer, file: string): Promise<Outcome> {
  process.stdout.write(`  ${basename(file)}\n`)
  const args = ['--import', import.meta.resolve('tsx'), file]
  return checkCommand(process.execPath, args, { cwd: consumer.dir, timeoutMs: LONGEST_MS })
}

function examplesWith(ending: RegExp): readonly string[] {
  const dir = join(root, 'examples')
  return existsSync(dir)
    ? readdirSync(dir)
        .filter((file) => ending.test(file))
        .sort()
    : []
}

/** Every numbered example ends by itself and is content. */
async function runExamples(consumer: Consumer): Promise<Outcome> {
  const dir = join(consumer.dir, 'examples')
  const skip = new Set([join(root, 'examples/node_modules'), join(root, 'examples/package.json')])
  cpSync(join(root, 'examples'), dir, { recursive: true, filter: (source) => !skip.has(source) })
  const outcomes: Outcome[] = []
  for (const file of examplesWith(/^\d\d-.*\.ts$/)) outcomes.push(await runTypeScript(consumer, join(dir, file)))
  return sum(outcomes)
}

/** The blocks of a page that are fenced as `ts`: complete programs that end by themselves. */
function programsIn(page: string): readonly string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, program = '']) => program)
}

/** Every `ts` block of every README compiles and runs as it stands there. */
async function runReadmes(consumer: Consumer): Promise<Outcome> {
  const dir = join(consumer.dir, 'readmes')
  mkdirSync(dir, { recursive: true })
  const outcomes: Outcome[] = []
  for (const home of [root, ...packageDirs()]) {
    const programs = programsIn(join(home, 'README.md'))
    if (programs.length === 0) {
      process.stdout.write(`  ${relative(root, home) || '.'}/README.md has no example\n`)
      outcomes.push(failed)
    }
    for (const [at, program] of programs.entries()) {
      const file = join(dir, `${home === root ? 'root' : basename(home)}-${at + 1}.ts`)
      writeFileSync(file, program)
      outcomes.push(await runTypeScript(consumer, file))
    }
  }
  const compilerOptions = {
    noEmit: true,
    strict: true,
    module: 'NodeNext',
    target: 'ES2022',
    types: ['node'],
    skipLibCheck: true,
  }
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  outcomes.push(await checkCommand(process.execPath, [tsc, '-p', dir], { cwd: consumer.dir }))
  return sum(outcomes)
}

/** A kernel that Jupyter finds without anything being installed for the user. */
function writeKernel(consumer: Consumer): string {
  const dir = join(consumer.dir, 'jupyter/kernels/tslab')
  const tslab = join(consumer.dir, 'node_modules/tslab/bin/tslab')
  const argv = [process.execPath, tslab, 'kernel', '--config-path', '{connection_file}']
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'kernel.json'), JSON.stringify({ argv, display_name: 'TypeScript', language: 'typescript' }))
  return join(consumer.dir, 'jupyter')
}

/** Notebooks run on the real tslab kernel against the installed packages. */
async function runNotebooks(consumer: Consumer): Promise<Outcome> {
  const notebooks = examplesWith(/\.ipynb$/)
  if (notebooks.length === 0) return { passed: 0, failed: 0, skipped: 0 }
  const nbconvert = await provideNotebooks()
  if (nbconvert === undefined) {
    return { passed: 0, failed: 0, skipped: notebooks.length, note: 'notebooks need Jupyter, which is not here' }
  }
  const { ok, output } = await npmInstall(consumer, 'tslab@1.0.22', '@types/node@20')
  if (!ok) {
    process.stdout.write(output)
    return failed
  }
  const env = { JUPYTER_PATH: writeKernel(consumer) }
  const outcomes: Outcome[] = []
  for (const file of notebooks) {
    process.stdout.write(`  ${file}\n`)
    cpSync(join(root, 'examples', file), join(consumer.dir, file))
    const args = ['--to', 'notebook', '--execute', '--ExecutePreprocessor.timeout=180', '--output', `ran-${file}`, file]
    outcomes.push(await checkCommand(nbconvert, args, { cwd: consumer.dir, env, timeoutMs: 2 * LONGEST_MS }))
  }
  return sum(outcomes)
}

/** What the documentation shows, run against the packages as a user gets them. */
export function exampleSteps(consumer: Consumer): readonly Step[] {
  return [
    { name: 'examples', run: () => runExamples(consumer) },
    { name: 'READMEs', run: () => runReadmes(consumer) },
    { name: 'notebooks', run: () => runNotebooks(consumer) },
  ]
}
