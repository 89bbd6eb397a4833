/** Three candles: ours. */
export function Mark({ size }: { readonly size: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M9 7v18" className="up" />
      <rect x="6.5" y="11" width="5" height="9" rx="1" className="up" />
      <path d="M16 5v17" className="accent" />
      <rect x="13.5" y="8" width="5" height="8" rx="1" className="accent" />
      <path d="M23 10v17" className="down" />
      <rect x="20.5" y="14" width="5" height="8" rx="1" className="down" />
    </svg>
  )
}
