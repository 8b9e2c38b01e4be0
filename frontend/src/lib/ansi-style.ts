/** An index into the sixteen-colour palette, or a CSS colour. */
export type Color = number | string;

export interface Style {
  readonly fg?: Color;
  readonly bg?: Color;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
}

export const PLAIN: Style = {};

const MAX_KNOWN = 4096;

/** Applies sequences with a memory, so that equal styles are one object and common sequences cost a look-up. */
export class SgrTable {
  private readonly known = new Map<Style, Map<string, Style>>();
  private readonly styles = new Map<string, Style>([[keyOf(PLAIN), PLAIN]]);
  private size = 0;

  apply(style: Style, parameters: string): Style {
    let next = this.known.get(style)?.get(parameters);
    if (next) return next;
    next = this.only(applySgr(style, parameters));
    if (this.size >= MAX_KNOWN) this.known.clear();
    this.size = this.known.size === 0 ? 1 : this.size + 1;
    this.known.set(style, (this.known.get(style) ?? new Map<string, Style>()).set(parameters, next));
    return next;
  }

  private only(style: Style): Style {
    const key = keyOf(style);
    const first = this.styles.get(key);
    if (first) return first;
    if (this.styles.size < MAX_KNOWN) this.styles.set(key, style);
    return style;
  }
}

function keyOf({ fg, bg, bold, dim, italic, underline, strike, inverse }: Style): string {
  return [fg, bg, bold, dim, italic, underline, strike, inverse].join("/");
}

/** The style after a "select graphic rendition" sequence; unknown codes are ignored. */
export function applySgr(style: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map((code) => Number.parseInt(code, 10) || 0);
  let next: Style = style;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    if (code === 38 || code === 48) {
      const [color, used] = extendedColor(codes, i + 1);
      if (color !== undefined) next = { ...next, [code === 38 ? "fg" : "bg"]: color };
      i += used;
    } else {
      next = applyCode(next, code);
    }
  }
  return next;
}

const ATTRIBUTES: Record<number, Style> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  22: { bold: undefined, dim: undefined },
  23: { italic: undefined },
  24: { underline: undefined },
  27: { inverse: undefined },
  29: { strike: undefined },
  39: { fg: undefined },
  49: { bg: undefined },
};

function applyCode(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code >= 30 && code <= 37) return { ...style, fg: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, fg: code - 90 + 8 };
  if (code >= 40 && code <= 47) return { ...style, bg: code - 40 };
  if (code >= 100 && code <= 107) return { ...style, bg: code - 100 + 8 };
  const change = ATTRIBUTES[code];
  return change ? { ...style, ...change } : style;
}

function extendedColor(codes: number[], at: number): [Color | undefined, number] {
  if (codes[at] === 5) return [indexedColor(codes[at + 1] ?? 0), 2];
  if (codes[at] === 2) return [rgb(codes[at + 1] ?? 0, codes[at + 2] ?? 0, codes[at + 3] ?? 0), 4];
  return [undefined, 0];
}

function indexedColor(index: number): Color {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return rgb(grey, grey, grey);
  }
  const level = (n: number): number => (n === 0 ? 0 : 55 + n * 40);
  const cube = index - 16;
  return rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function rgb(red: number, green: number, blue: number): string {
  return `rgb(${red & 255} ${green & 255} ${blue & 255})`;
}
