import ts from 'typescript'
import { usesOf } from './modules.js'
import { type Fault, isProduct, lineOf, packageOf, type Rule, type Tree, walk } from './tree.js'
import { exportedNames } from './used.js'

const MAP = 'packages/core/src/flow/map.ts'

/** Package → its name in the flow map. */
const SERVICES: Readonly<Record<string, string>> = {
  provider: 'provider',
  detector: 'detector',
  advisor: 'advisor',
  inspector: 'inspector',
  'studio-client': 'studio',
}

interface Row {
  readonly line: number
  readonly writtenBy: readonly string[]
  readonly readBy: readonly string[]
}

interface Mention {
  readonly channel: string
  readonly path: string
  readonly line: number
  readonly writes: boolean
}

function stringsOf(node: ts.ObjectLiteralExpression, property: string): readonly string[] {
  const found = node.properties.find((it) => it.name?.getText() === property)
  if (found === undefined || !ts.isPropertyAssignment(found) || !ts.isArrayLiteralExpression(found.initializer))
    return []
  return found.initializer.elements.filter(ts.isStringLiteral).map((it) => it.text)
}

/** The rows of `flow`, read from the source of the map. */
function rowsOf(tree: Tree): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>()
  walk(tree.ast(MAP), (node) => {
    if (!ts.isPropertyAssignment(node) || !ts.isCallExpression(node.initializer)) return
    const [options] = node.initializer.arguments
    if (node.initializer.expression.getText() !== 'defineChannel' || options === undefined) return
    if (!ts.isObjectLiteralExpression(options)) return
    rows.set(node.name.getText(), {
      line: lineOf(node),
      writtenBy: stringsOf(options, 'writtenBy'),
      readBy: stringsOf(options, 'readBy'),
    })
  })
  return rows
}

const isSpecifier = (node: ts.Node): boolean => ts.isImportSpecifier(node) || ts.isExportSpecifier(node)

/** Every `flow.x`, and whether a publisher is made of it; `channels` stands for all of them. */
function mentionsOf(tree: Tree, path: string): readonly Mention[] {
  const mentions: Mention[] = []
  walk(tree.ast(path), (node) => {
    if (ts.isIdentifier(node) && node.text === 'channels' && !isSpecifier(node.parent)) {
      const isProperty = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node
      if (!isProperty) mentions.push({ channel: '*', path, line: lineOf(node), writes: false })
    }
    if (!ts.isPropertyAccessExpression(node) || node.expression.getText() !== 'flow') return
    const { parent } = node
    const callee = ts.isCallExpression(parent) && parent.arguments.includes(node) ? parent.expression : undefined
    const called = callee !== undefined && ts.isPropertyAccessExpression(callee) ? callee.name.text : callee?.getText()
    mentions.push({ channel: node.name.text, path, line: lineOf(node), writes: called === 'publisher' })
  })
  return mentions
}

/** Folders of packages that take something from core by which core writes or reads for them, by the file it is in. */
function borrowersOf(tree: Tree, sources: readonly string[]): (file: string) => readonly string[] {
  const taken = new Map<string, Set<string>>()
  for (const path of sources) {
    const names = taken.get(packageOf(path) ?? '') ?? new Set()
    for (const use of usesOf(tree, path)) {
      if (use.specifier === '@barfinex/core') for (const name of use.names) names.add(name)
    }
    taken.set(packageOf(path) ?? '', names)
  }
  return (file) => {
    const offered = [...exportedNames(tree, file).keys()]
    return [...taken].filter(([, names]) => offered.some((name) => names.has(name))).map(([folder]) => folder)
  }
}

/** Services write and read what the flow map says, and the map says nothing that no service does. */
export const flow: Rule = {
  name: 'flow',
  check(tree) {
    const rows = rowsOf(tree)
    const faults: Fault[] = []
    if (rows.size === 0) faults.push({ path: MAP, line: 0, message: 'has no channels' })
    const sources = tree.paths.filter((path) => isProduct(path) && path !== MAP)
    const mentions = sources.flatMap((path) => mentionsOf(tree, path))
    const borrowers = borrowersOf(tree, sources)
    const actors = (path: string): readonly string[] =>
      packageOf(path) === 'core' ? borrowers(path) : [packageOf(path) ?? '']
    for (const { channel, path, line, writes } of mentions) {
      const service = SERVICES[packageOf(path) ?? '']
      const row = rows.get(channel)
      if (service === undefined || channel === '*') continue
      // Provider's gateway is the door through which Studio reads and writes.
      const readers = [...(row?.readBy ?? []), ...(row?.readBy.includes('studio') ? ['provider'] : [])]
      const lawful = writes
        ? row?.writtenBy.includes(service)
        : [...readers, ...(row?.writtenBy ?? [])].includes(service)
      if (row === undefined) faults.push({ path, line, message: `flow.${channel} is not in the map` })
      else if (!lawful)
        faults.push({ path, line, message: `${service} may not ${writes ? 'write' : 'read'} flow.${channel}` })
    }
    for (const [channel, { line, writtenBy, readBy }] of rows) {
      for (const [folder, service] of Object.entries(SERVICES)) {
        const done = (writes: boolean, folders: readonly string[]): boolean =>
          mentions.some(
            (it) =>
              it.writes === writes &&
              [channel, '*'].includes(it.channel) &&
              actors(it.path).some((actor) => folders.includes(actor)),
          )
        const report = (act: string): number =>
          faults.push({ path: MAP, line, message: `${channel}: the map says ${service} ${act} it, its sources do not` })
        const actsFor = folder === 'studio-client' ? [folder, 'provider'] : [folder]
        if (writtenBy.includes(service) && !done(true, actsFor)) report('writes')
        if (readBy.includes(service) && !done(false, actsFor)) report('reads')
      }
    }
    return faults
  },
}
