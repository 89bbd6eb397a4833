import { describeIndicators, type IndicatorDescription } from '@barfinex/detector'

const HEAD = `# Indicators

Everything a strategy can measure, generated from the catalog in \`packages/detector/src/indicators\` by \`npm run docs\`; edit
the definitions, not this page.

All of them take closed candles one by one, in constant time (but for CCI, which passes over its window). A value is NaN until
it is warm: the table of outputs says from which candle on, with the parameters as they are when none are given. *Settled* is
the number of candles after which what came before them changes the value by less than about a millionth; where it says never,
the value depends on where it began. A candle of which a needed field is not finite is skipped and gives NaN. In formulas \`n\`
is the period and \`x\` the source: \`open\`, \`high\`, \`low\`, \`close\`, \`volume\`, \`hl2\`, \`hlc3\`, \`ohlc4\` or \`hlcc4\`.
`

const hourMs = 3_600_000

function settled({ settle, settleMs }: IndicatorDescription): string {
  if (settleMs > 0) return `after ${settleMs / hourMs} hours`
  return settle === null ? 'never for certain' : `after ${settle} candles`
}

function sectionOf(it: IndicatorDescription): string {
  const params = it.params.map((param) => `| \`${param.name}\` | \`${param.default}\` | ${param.description} |\n`)
  const outputs = it.outputs.map((output) => {
    return `| \`${output.name}\` | ${output.unit} | ${output.warmUp} | ${output.description} |\n`
  })
  return [
    `\n## ${it.title}\n\n\`${it.name}\`. ${it.description}\n\n`,
    `*Formula:* ${it.formula.replaceAll('|', '\\|')}.\n`,
    `*Origin:* ${it.origin} *Reads:* ${it.inputs.join(', ')}. *Settled:* ${settled(it)}.\n\n`,
    params.length === 0 ? '' : `| parameter | default | meaning |\n| --- | --- | --- |\n${params.join('')}\n`,
    `| output | unit | from candle | meaning |\n| --- | --- | --- | --- |\n${outputs.join('')}`,
  ].join('')
}

/** The page of all indicators, as Markdown. */
export function indicatorPage(): string {
  return HEAD + describeIndicators().map(sectionOf).join('')
}
