import { type Fault, isCode, type Rule } from './tree.js'

/** A pattern spelled in pieces, so that this file does not match itself. */
const spell = (...pieces: readonly string[]): string => pieces.join('')

const UNFINISHED = new RegExp(spell('\\b(TO', 'DO|FIX', 'ME|XX', 'X|HA', 'CK)\\b|not imple', 'mented'))
const MACHINE = new RegExp(spell('(^|[^\\w.~@/-])/(wo', 'rk|ro', 'ot|ho', 'me/\\w+|Us', 'ers/\\w+|t', 'mp)/'))
const REGISTRY = new RegExp(
  [
    spell('registry\\.', '[a-z]+\\.(org|com)'),
    spell('deb\\.', 'debian\\.org'),
    spell('(files\\.)?python', 'hosted\\.org'),
    spell('py', 'pi\\.org'),
    spell('crat', 'es\\.io'),
  ].join('|'),
)

/** Nothing unfinished, and nothing that is true on one machine only. */
export const marks: Rule = {
  name: 'marks',
  check: (tree) =>
    tree.paths.flatMap((path) =>
      tree
        .text(path)
        .split('\n')
        .flatMap((text, at): Fault[] => {
          const fault = (message: string): Fault => ({ path, line: at + 1, message })
          const faults: Fault[] = []
          if ((isCode(path) || path.endsWith('.md')) && UNFINISHED.test(text)) faults.push(fault('unfinished'))
          if (MACHINE.test(text)) faults.push(fault('a path of one machine'))
          if (REGISTRY.test(text)) faults.push(fault('the host of a package registry'))
          return faults
        }),
    ),
}
