import type { News, NewsItem } from './synthesis.js'

const longestTitle = 280
const longestSource = 40
const mostNews = 8

/**
 * Foreign text made harmless to look at: compatibility forms unified, markup and everything invisible taken out (control,
 * zero-width, direction, tags), our own marks removed, cut to `longest` characters. What it says stays foreign.
 */
export function cleanText(text: string, longest: number): string {
  const plain = text
    .slice(0, 20 * longest)
    .normalize('NFKC')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&[#\w]{1,32};/g, ' ')
    .replace(/[\s\p{Z}]+/gu, ' ')
    .replace(/\p{C}|\p{Variation_Selector}/gu, '')
    .replace(/\p{M}{3,}/gu, '')
    .replace(/[<>^|`{}[\]\\]/g, ' ')
    .replace(/ +/g, ' ')
    .trim()
  return [...plain].slice(0, longest).join('').trim()
}

/** Cleans, orders and numbers headlines: known at `asOf`, newest first, no title twice, at most eight. */
export function numberNews(items: readonly NewsItem[], asOf: number): readonly News[] {
  const titles = new Set<string>()
  return items
    .filter((it) => it.publishedAt <= asOf)
    .map((it) => ({ ...it, title: cleanText(it.title, longestTitle), source: cleanText(it.source, longestSource) }))
    .sort((a, b) => b.publishedAt - a.publishedAt || compare(a.title, b.title) || compare(a.source, b.source))
    .filter(({ title }) => {
      const key = title.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
      if (key === '' || titles.has(key)) return false
      titles.add(key)
      return true
    })
    .slice(0, mostNews)
    .map(({ title, source, publishedAt }, index) => ({ id: `N0${index + 1}`, title, source, publishedAt }))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
