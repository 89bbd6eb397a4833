import { doorsOf, resolveRelative, usesOf } from './modules.js'
import { type Fault, isProduct, packageOf, type Rule, type Tree } from './tree.js'

function reachedFrom(tree: Tree, doors: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>()
  const open = [...doors]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    for (const { specifier } of usesOf(tree, path)) {
      const target = specifier.startsWith('.') ? resolveRelative(tree, path, specifier) : undefined
      if (target !== undefined) open.push(target)
    }
  }
  return reached
}

/** No orphans: every source is reached from an export, a bin or the terminal's page. A test alone does not count. */
export const reach: Rule = {
  name: 'reach',
  check(tree) {
    const sources = tree.paths.filter(isProduct)
    const names = new Set(sources.map((path) => packageOf(path) ?? ''))
    const reached = reachedFrom(
      tree,
      [...names].flatMap((name) => doorsOf(tree, name)),
    )
    return sources
      .filter((path) => !reached.has(path))
      .map((path): Fault => ({ path, line: 0, message: 'no export and no bin reaches this file' }))
  },
}
