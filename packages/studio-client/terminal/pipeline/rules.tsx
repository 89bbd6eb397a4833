import type { RuleResult } from '@barfinex/core/browser'
import { compact } from '../format.js'

/** What every rule said: whether it fired, its weight, its value. */
export function Rules({ rules }: { readonly rules: readonly RuleResult[] }) {
  if (rules.length === 0) return <p className="awaited">The strategy has no rules.</p>
  return (
    <table className="rules">
      <thead>
        <tr>
          <th scope="col">rule</th>
          <th scope="col">for</th>
          <th scope="col">weight</th>
          <th scope="col">value</th>
        </tr>
      </thead>
      <tbody>
        {rules.map((it) => (
          <tr key={`${it.id} ${it.direction}`} className={it.fired ? 'fired' : 'quiet'}>
            <th scope="row">
              <span role="img" aria-label={it.fired ? 'fired' : 'did not fire'}>
                {it.fired ? '●' : '○'}
              </span>{' '}
              {it.id}
            </th>
            <td className={it.direction === 'long' ? 'up' : 'down'}>{it.direction}</td>
            <td>{compact(it.weight, 3)}</td>
            <td>{it.value === null ? 'not warm' : compact(it.value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
