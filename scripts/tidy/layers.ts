import { packageNameOf, resolveRelative, usesOf } from './modules.js'
import { type Fault, isCode, packageOf, type Rule } from './tree.js'

const SERVICES = ['provider', 'detector', 'advisor', 'inspector', 'studio-client']

/** Which workspace packages a package may import: core nothing, a service core, the umbrella everything. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ...Object.fromEntries(SERVICES.map((name) => [name, ['@barfinex/core']])),
  barfinex: ['@barfinex/core', ...SERVICES.map((name) => `@barfinex/${name}`)],
}

/** Services know core and nothing of each other; nobody reaches into another package's sources. */
export const layers: Rule = {
  name: 'layers',
  check(tree) {
    const faults: Fault[] = []
    for (const path of tree.paths.filter((it) => packageOf(it) !== undefined && isCode(it))) {
      const own = packageOf(path) ?? ''
      for (const { specifier, line } of usesOf(tree, path)) {
        const report = (message: string): number => faults.push({ path, line, message })
        if (specifier.startsWith('.')) {
          const target = resolveRelative(tree, path, specifier)
          if (target === undefined) report(`"${specifier}" is no file of this repository`)
          else if (packageOf(target) !== own)
            report(`"${specifier}" leaves the package: import it by its published name`)
        } else {
          const name = packageNameOf(specifier)
          const isOurs = name.startsWith('@barfinex/') || name === 'barfinex'
          if (isOurs && !(ALLOWED[own] ?? []).includes(name)) report(`${own} may not import ${name}`)
        }
      }
    }
    return faults
  },
}
