import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manifestOf, packageDirs, root } from '../workspace.js'
import { type Consumer, npmInstall, pack } from './consumer.js'
import { allDoors, doorsOf } from './doors.js'
import { checkCommand, failed, type Outcome, type Step, sum } from './step.js'

const PUBLINT = 'node_modules/publint/src/cli.js'
const ATTW = 'node_modules/@arethetypeswrong/cli/dist/index.js'
const TSC = 'node_modules/typescript/bin/tsc'
const VITEST = 'node_modules/vitest/vitest.mjs'

function node(args: readonly string[], cwd = root): Promise<Outcome> {
  return checkCommand(process.execPath, args, { cwd })
}

/** `publint` and `attw` on what would be published, not on the working tree. */
async function inspectTarballs(consumer: Consumer): Promise<Outcome> {
  const outcomes = [await pack(consumer)]
  for (const dir of packageDirs()) {
    const { name, version } = manifestOf(dir)
    const tarball = join(consumer.dir, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)
    const modules = doorsOf(dir).flatMap(({ requirable, subpath }) => (requirable ? [] : [subpath]))
    const attw = [ATTW, tarball, '--no-emoji', '--no-color']
    outcomes.push(await node([PUBLINT, '--strict', tarball]))
    outcomes.push(await node([...attw, ...(modules.length === 0 ? [] : ['--exclude-entrypoints', ...modules])]))
    if (modules.length > 0) {
      outcomes.push(await node([...attw, '--profile', 'esm-only', '--entrypoints', ...modules]))
    }
  }
  return sum(outcomes)
}

/**
 * Loads the doors of a package by `import` and by `require`, and shows that both give the same names, and that what two
 * doors have in common is one thing: otherwise an error class would not know its own instances.
 */
const LOAD = `
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const doors = process.argv.slice(2)
const added = new Set(['default', '__esModule', 'module.exports'])
const namesOf = (module) => Object.keys(module).filter((name) => !added.has(name)).sort()
const loaders = [(door) => import(door), (door) => require(door)]
const all = []
for (const load of loaders) {
  const seen = new Map()
  for (const door of doors) {
    const module = await load(door)
    for (const name of namesOf(module)) {
      if (seen.has(name) && seen.get(name) !== module[name]) throw new Error(door + ' has another ' + name)
      seen.set(name, module[name])
    }
    all.push(namesOf(module).join())
  }
}
doors.forEach((door, at) => {
  if (all[at] !== all[at + doors.length]) throw new Error(door + ' gives other names to require than to import')
})
`

async function loadDoors(consumer: Consumer): Promise<Outcome> {
  const loader = join(consumer.dir, 'load.mjs')
  writeFileSync(loader, LOAD)
  const outcomes: Outcome[] = []
  for (const dir of packageDirs()) {
    const doors = doorsOf(dir).filter(({ requirable }) => requirable)
    outcomes.push(await node([loader, ...doors.map(({ specifier }) => specifier)], consumer.dir))
  }
  return sum(outcomes)
}

/** Contract suites load where they are used: in a test of the user. */
async function loadContractSuites(consumer: Consumer): Promise<Outcome> {
  const suites = allDoors().filter(({ requirable }) => !requirable)
  if (suites.length === 0) return sum([])
  const tests = suites.map(
    ({ specifier }) => `it('${specifier}', async () => expect(await import('${specifier}')).not.toEqual({}))\n`,
  )
  writeFileSync(join(consumer.dir, 'suites.test.js'), `import { expect, it } from 'vitest'\n${tests.join('')}`)
  return node([VITEST, 'run', 'suites.test.js'], consumer.dir)
}

function writeProject(consumer: Consumer, folder: string, source: string, compilerOptions: object): string {
  const dir = join(consumer.dir, folder)
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'main.ts'), source)
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['main.ts'] }))
  return dir
}

/** The types under the compilers that users have: the present one, and 5.0 with old resolution as in a notebook kernel. */
async function compile(consumer: Consumer): Promise<Outcome> {
  const importAll = (specifiers: readonly string[]): string =>
    specifiers.map((specifier, at) => `import * as door${at} from '${specifier}'\nexport { door${at} }\n`).join('')
  const doors = allDoors()
  const shared = { noEmit: true, strict: true, target: 'ES2022', types: ['node'], skipLibCheck: true }
  const modern = writeProject(consumer, 'modern', importAll(doors.map(({ specifier }) => specifier)), {
    ...shared,
    module: 'NodeNext',
  })
  const requirable = doors.filter((door) => door.requirable).map(({ specifier }) => specifier)
  const kernel = writeProject(consumer, 'kernel', importAll(requirable), {
    ...shared,
    module: 'CommonJS',
    moduleResolution: 'node10',
  })
  const oldTsc = TSC.replace('typescript', 'typescript-5.0')
  return sum([await node([TSC, '-p', modern], consumer.dir), await node([oldTsc, '-p', kernel], consumer.dir)])
}

/** The command as a user gets it: it finds all its parts, and the main job runs. */
async function runCommand(consumer: Consumer): Promise<Outcome> {
  const bin = join(consumer.dir, 'node_modules/barfinex/dist/bin.js')
  const state = { XDG_STATE_HOME: join(consumer.dir, 'state') }
  const run = (...args: string[]) =>
    checkCommand(process.execPath, [bin, ...args, '--json'], { cwd: consumer.dir, env: state })
  return sum([await run('doctor'), await run('up', '--for', '1h', '--speed', 'max')])
}

async function installAndUse(consumer: Consumer): Promise<Outcome> {
  const toolVersions = manifestOf(root).devDependencies ?? {}
  const tools = ['typescript', '@types/node', 'vitest', 'fast-check'].map((name) => `${name}@${toolVersions[name]}`)
  const stages: readonly (() => Promise<Outcome>)[] = [
    // First with nothing but the packages: what they need, they have to bring.
    () => installed(npmInstall(consumer, ...consumer.tarballs)),
    () => loadDoors(consumer),
    () => runCommand(consumer),
    () => installed(npmInstall(consumer, ...tools, 'typescript-5.0@npm:typescript@5.0.4')),
    () => loadContractSuites(consumer),
    () => compile(consumer),
  ]
  const outcomes: Outcome[] = []
  for (const stage of stages) outcomes.push(await stage())
  return sum(outcomes)
}

async function installed(installation: Promise<{ ok: boolean; output: string }>): Promise<Outcome> {
  const { ok, output } = await installation
  if (!ok) process.stdout.write(output)
  return ok ? sum([]) : failed
}

/** What would be published is sound, installs in an empty project, loads in both module systems and compiles. */
export function packageSteps(consumer: Consumer): readonly Step[] {
  return [
    { name: 'tarballs', always: true, run: () => inspectTarballs(consumer) },
    { name: 'installed packages', always: true, run: () => installAndUse(consumer) },
  ]
}
