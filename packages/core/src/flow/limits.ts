import { z } from 'zod'

/** A name or a code where nothing narrower is asked for: longer than any honest one, short enough for a journal. */
export const shortText = z.string().max(1_000)

/** Members of a list: more than any honest message has, few enough for a journal. */
export const longestList = 10_000
