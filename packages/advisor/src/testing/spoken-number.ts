import type { Random } from '@barfinex/core'

const small =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')

/** A number in English words. */
function spelled(number: number): string {
  if (number < 20) return small[number] as string
  if (number < 100) {
    const rest = number % 10
    return `${tens[Math.floor(number / 10) - 2]}${rest === 0 ? '' : `-${small[rest]}`}`
  }
  const [unit, name] = number < 1_000 ? [100, 'hundred'] : [1_000, 'thousand']
  const rest = number % unit
  return `${spelled(Math.floor(number / unit))} ${name}${rest === 0 ? '' : ` ${unit === 100 ? 'and ' : ''}${spelled(rest)}`}`
}

/** A number below a million as somebody might say it: plainly, as a share, as money, as a multiple. */
export function spokenNumber(number: number, random: Random): string {
  const words = spelled(number)
  const ways = [
    words,
    words,
    `${words} percent`,
    `${words} dollars`,
    `${words}fold`,
    `${words} point ${small[number % 10]}`,
    words.replace(/-/g, ''),
    'about half',
    'nearly double',
    'a dozen',
    'a quarter of it',
    'basis points',
    'XLII',
  ]
  return ways[random.integer(ways.length)] as string
}
