import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manifestOf, packageDirs } from '../workspace.js'
import { type Consumer, npmInstall, pack } from './consumer.js'
import { checkCommand, failed, type Outcome, type Step, sum } from './step.js'

const TSC = join('node_modules', 'typescript', 'bin', 'tsc')

/** Every published import specifier: `@barfinex/core`, `@barfinex/core/testing`, … */
function specifiers(): readonly string[] {
  return packageDirs().flatMap((dir) => {
    const { name, exports } = manifestOf(dir)
    return Object.keys(exports)
      .filter((subpath) => subpath !== './package.json')
      .map((subpath) => `${name}${subpath.slice(1)}`)
  })
}

/** `attw` and `publint` on what would be published, not on the working tree. */
async function inspectTarballs(consumer: Consumer): Promise<Outcome> {
  const outcomes = [await pack(consumer)]
  for (const tarball of consumer.tarballs) {
    outcomes.push(await checkCommand(process.execPath, ['node_modules/publint/src/cli.js', '--strict', tarball]))
    const attw = 'node_modules/@arethetypeswrong/cli/dist/index.js'
    outcomes.push(await checkCommand(process.execPath, [attw, '--no-emoji', '--no-color', tarball]))
  }
  return sum(outcomes)
}

/** Loads every door by `import` and by `require`, and shows that both give the same names. */
const LOAD = `
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const specifier = process.argv[2]
const esm = Object.keys(await import(specifier)).filter((name) => name !== 'default' && name !== 'module.exports').sort()
const cjs = Object.keys(require(specifier)).filter((name) => name !== 'default').sort()
if (esm.join() !== cjs.join()) throw new Error(specifier + ' exports [' + esm + '] to import and [' + cjs + '] to require')
`

function writeProject(consumer: Consumer, folder: string, source: string, compilerOptions: object): string {
  const dir = join(consumer.dir, folder)
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'main.ts'), source)
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['main.ts'] }))
  return dir
}

/** The types under the compilers users have: this one, and 5.0 as in a notebook kernel. */
async function compile(consumer: Consumer): Promise<Outcome> {
  const source = specifiers()
    .map((specifier, at) => `import * as door${at} from '${specifier}'\nexport { door${at} }\n`)
    .join('')
  const shared = { noEmit: true, strict: true, target: 'ES2022', types: ['node'] }
  const modern = writeProject(consumer, 'modern', source, { ...shared, module: 'NodeNext', skipLibCheck: true })
  const notebook = writeProject(consumer, 'notebook-types', source, {
    ...shared,
    module: 'CommonJS',
    moduleResolution: 'node10',
    skipLibCheck: true,
  })
  const installed = await npmInstall(
    consumer,
    'typescript@5.9',
    'typescript-5.0@npm:typescript@5.0.4',
    '@types/node@20',
  )
  if (!installed.ok) {
    process.stdout.write(installed.output)
    return failed
  }
  const old = TSC.replace('typescript', 'typescript-5.0')
  return sum([
    await checkCommand(process.execPath, [TSC, '-p', modern], { cwd: consumer.dir }),
    await checkCommand(process.execPath, [old, '-p', notebook], { cwd: consumer.dir }),
  ])
}

async function installAndLoad(consumer: Consumer): Promise<Outcome> {
  const { ok, output } = await npmInstall(consumer, ...consumer.tarballs)
  if (!ok) {
    process.stdout.write(output)
    return failed
  }
  const loader = join(consumer.dir, 'load.mjs')
  writeFileSync(loader, LOAD)
  const outcomes: Outcome[] = []
  for (const specifier of specifiers()) {
    outcomes.push(await checkCommand(process.execPath, [loader, specifier], { cwd: consumer.dir }))
  }
  return sum([...outcomes, await compile(consumer)])
}

/** What would be published is sound, installs in an empty project, loads in both module systems and compiles. */
export function packageSteps(consumer: Consumer): readonly Step[] {
  return [
    { name: 'tarballs', always: true, run: () => inspectTarballs(consumer) },
    { name: 'installed packages', always: true, run: () => installAndLoad(consumer) },
  ]
}
