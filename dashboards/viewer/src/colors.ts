// Colours by name, resolved from the style sheet, so that they follow the reader's light or dark theme.

const NAMED = new Set(['green', 'yellow', 'orange', 'red', 'blue', 'purple', 'gray', 'text']);
const PALETTE = ['blue', 'orange', 'purple', 'green', 'teal', 'pink', 'yellow', 'red', 'gray'];

/** CSS value of a colour's name; anything else is taken for a CSS colour. */
export function cssColor(name: string): string {
  return NAMED.has(name) || PALETTE.includes(name) ? `var(--${name})` : name;
}

/** Name of the colour of the n-th of several things. */
export function paletteColor(index: number): string {
  return PALETTE[index % PALETTE.length] ?? 'blue';
}

/** A colour of the style sheet as a canvas needs it, without `var()`. */
export function canvasColor(name: string): string {
  const ours = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  return ours === '' ? name : ours;
}

/** The same colour, as transparent as `alpha` says; our style sheet writes colours as `#rrggbb`. */
export function withAlpha(hex: string, alpha: number): string {
  const byte = Math.round(Math.min(1, Math.max(0, alpha)) * 255);
  return `${hex}${byte.toString(16).padStart(2, '0')}`;
}
