import { allowed, type Rule, refused } from './rule.js'

const code = 'inspector.rule.decision-spent'

/** One decision opens at most one entry, under whatever intent it comes back. */
export const oncePerDecision: Rule = {
  code,
  judges: 'situation',
  check({ intent, recent }) {
    const earlier = intent && recent.find((entry) => entry.decisionId === intent.decisionId)
    if (!earlier) return allowed
    const message = `Decision ${earlier.decisionId} was acted upon at ${earlier.approvedAt} already.`
    return refused(code, message.slice(0, 400), 1, 2)
  },
}
