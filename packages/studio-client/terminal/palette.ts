/** Colours for canvases, which cannot read the style sheet. The same as in `terminal.css`. */
export const palette = {
  panel: '#10151d',
  line: '#1c2530',
  text: '#8a98ab',
  up: '#2fc48d',
  down: '#f2596f',
  warn: '#f0b03f',
  accent: '#5b9dff',
} as const
