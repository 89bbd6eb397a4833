/**
 * Writes docs/flow.md from the flow map and docs/indicators.md from the indicator catalog. `tsx scripts/docs.ts --check` writes
 * nothing and fails when a page is out of date.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { channels } from '@barfinex/core'
import { indicatorPage } from './indicator-page.js'
import { root } from './workspace.js'

const HEAD = `# Flow

Every kind of message in the system, in the order a trade travels. Generated from \`packages/core/src/flow/map.ts\` by
\`npm run docs\`; edit the map, not this page.

| class | promise |
| --- | --- |
| live | at most once, in order per key; sequence numbers show a gap, a slow reader loses the oldest, counted |
| settled | at least once, replayable for a while |
| command, fact | durable, in order per key, effect once by id |
| state | the last value of a key wins; a new reader gets it at once |
| heartbeat | at most once |

| channel | class | carries | written by | read by | journalled |
| --- | --- | --- | --- | --- | --- |
`

const rows = channels.map(({ name, class: kind, carries, writtenBy, readBy, journalled }) => {
  const cells = [`\`${name}\``, kind, carries, writtenBy.join(', '), readBy.join(', '), journalled ? 'yes' : 'no']
  return `| ${cells.join(' | ')} |\n`
})
const pages = { 'docs/flow.md': HEAD + rows.join(''), 'docs/indicators.md': indicatorPage() }

for (const [path, text] of Object.entries(pages)) {
  const page = join(root, path)
  if (!process.argv.includes('--check')) {
    writeFileSync(page, text)
  } else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
    process.stdout.write(`${path} is out of date: run \`npm run docs\`\n`)
    process.exitCode = 1
  }
}
