import { builtinModules } from 'node:module'
import { doorsOf, packageNameOf, usesOf } from './modules.js'
import { type Fault, isCode, isProduct, packageOf, type Rule, type Tree } from './tree.js'

type Table = Readonly<Record<string, string>>

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string
  readonly type?: string
  readonly sideEffects?: boolean
  readonly engines?: Table
  readonly exports?: Readonly<Record<string, unknown>>
  readonly typesVersions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly dependencies?: Table
  readonly optionalDependencies?: Table
  readonly peerDependencies?: Table
  readonly devDependencies?: Table
}

/** Types of a package that its user gets from elsewhere, and what tools load by name. */
const LOADED_BY_NAME = /^@types\/|^(vite|@vitejs\/plugin-react)$/

function importedBy(tree: Tree, paths: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const path of paths) {
    for (const { specifier } of usesOf(tree, path)) {
      const builtin = specifier.startsWith('node:') || builtinModules.includes(specifier)
      if (!specifier.startsWith('.') && !builtin) found.set(packageNameOf(specifier), path)
    }
  }
  return found
}

function dependencyFaults(tree: Tree, name: string, manifest: Manifest): string[] {
  const own = tree.paths.filter((path) => packageOf(path) === name && isCode(path))
  const product = importedBy(
    tree,
    own.filter(isProduct).filter((path) => path.includes('/src/')),
  )
  const anywhere = importedBy(tree, own)
  const runtime = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies }
  const faults: string[] = []
  for (const [wanted, path] of product) {
    if (!(wanted in runtime) && wanted !== manifest.name)
      faults.push(`${path} imports ${wanted}, which is not declared`)
  }
  for (const declared of Object.keys(runtime)) {
    if (!product.has(declared)) faults.push(`${declared} is declared and never imported`)
  }
  for (const declared of Object.keys(manifest.devDependencies ?? {})) {
    const used = anywhere.has(declared) || declared in runtime || LOADED_BY_NAME.test(declared)
    if (!used) faults.push(`${declared} is declared and never imported`)
  }
  return faults
}

function doorFaults(tree: Tree, name: string, manifest: Manifest): string[] {
  const doors = doorsOf(tree, name)
  const promised = Object.keys(manifest.exports ?? {}).filter((subpath) => subpath !== './package.json')
  const faults = promised
    .map((subpath) => (subpath === '.' ? 'index' : subpath.slice(2)))
    .filter((stem) => !doors.some((door) => door.endsWith(`/src/${stem}.ts`) || door.endsWith(`/src/${stem}/index.ts`)))
    .map((stem) => `exports ${stem}, which has no source`)
  const subpaths = Object.entries(manifest.exports ?? {})
    .filter(([subpath, conditions]) => subpath !== '.' && Object.hasOwn(Object(conditions), 'require'))
    .map(([subpath]) => subpath.slice(2))
  const oldStyle = Object.keys(manifest.typesVersions?.['*'] ?? {})
  if (subpaths.toSorted().join() !== oldStyle.toSorted().join()) faults.push('typesVersions and exports disagree')
  for (const door of [`packages/${name}/src/testing/index.ts`, `packages/${name}/src/bin.ts`]) {
    if (tree.has(door) && !doors.includes(door)) faults.push(`does not publish ${door}`)
  }
  return faults
}

/** Every package.json says the same about version, licence and engines, and only what is true about doors and dependencies. */
export const manifests: Rule = {
  name: 'manifests',
  check(tree) {
    const names = tree.paths.flatMap((path) => /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1] ?? [])
    const versions = new Set<string>()
    return names.flatMap((name) => {
      const path = `packages/${name}/package.json`
      const manifest = JSON.parse(tree.text(path)) as Manifest
      versions.add(manifest.version ?? '')
      const messages = [...dependencyFaults(tree, name, manifest), ...doorFaults(tree, name, manifest)]
      if (versions.size > 1) messages.push('has another version than the other packages')
      if (manifest.license !== 'MIT') messages.push('license is not MIT')
      if (manifest.type !== 'module' || manifest.sideEffects !== false)
        messages.push('is not a module free of side effects')
      if (manifest.engines?.['node'] !== '>=20.19') messages.push('engines.node is not >=20.19')
      for (const file of ['README.md', 'LICENSE']) {
        if (!tree.has(`packages/${name}/${file}`)) messages.push(`has no ${file}`)
      }
      return messages.map((message): Fault => ({ path, line: 0, message }))
    })
  },
}
