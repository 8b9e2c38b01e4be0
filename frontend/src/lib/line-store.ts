import { PLAIN, type Style } from "./ansi-style";
import { lineText, type Line, type LogStream, type Span } from "./log-line";

/** Lines in one block: enough to make a line's share of it small, few enough to unpack in a blink. */
export const BLOCK_LINES = 256;

const STREAMS: readonly LogStream[] = ["stdout", "stderr", "system"];
const STREAM_BITS = 2;
/** Blocks unpacked last are kept so: what is on the screen spans two or three of them. */
const UNPACKED = 8;
/** Later styles are shown plain: only a program that plays with colours has more. */
const MAX_STYLES = 4096;

/** Lines packed for memory: one string, the lengths, and where there are any the styles. */
export interface Block {
  /** The lines, each ended by a line feed but the last. */
  readonly text: string;
  readonly lengths: Uint16Array;
  /** For each line its stream and the number of its spans, then of each span the length and the style's number. */
  runs: Uint16Array;
}

/**
 * Fixed lines by the thousand, in about as many bytes as they have characters. Lines go in as blocks of BLOCK_LINES and
 * come out unpacked; the oldest blocks go when there is too much.
 */
export class LineStore {
  /** The blocks kept; the first line of the first one is line `dropped`. */
  readonly blocks: Block[] = [];
  dropped = 0;
  private chars = 0;
  private readonly styles: Style[] = [PLAIN];
  private readonly styleNumbers = new Map<Style, number>([[PLAIN, 0]]);
  private readonly unpacked = new Map<Block, Line[]>();

  constructor(private readonly limits: { maxLines: number; maxChars: number }) {}

  /** How many lines there have been, the dropped ones included. */
  get end(): number {
    return this.dropped + this.blocks.length * BLOCK_LINES;
  }

  /** Takes BLOCK_LINES lines, which are not needed by the caller any more. */
  add(lines: readonly Line[]): void {
    const text = lines.map(lineText).join("\n");
    this.chars += text.length;
    this.blocks.push({
      text,
      lengths: Uint16Array.from(lines, (line) => line.length),
      runs: Uint16Array.from(lines.flatMap((line) => this.runsOf(line))),
    });
    while (this.isTooMuch()) this.dropFirst();
  }

  /** A line by its number from 0, counted from the very first; undefined when it is not here. */
  line(index: number): Line | undefined {
    const place = index - this.dropped;
    const block = this.blocks[Math.floor(place / BLOCK_LINES)];
    return block && this.unpack(block)[place % BLOCK_LINES];
  }

  private isTooMuch(): boolean {
    const { maxLines, maxChars } = this.limits;
    return this.blocks.length > 1 && (this.blocks.length * BLOCK_LINES > maxLines || this.chars > maxChars);
  }

  private dropFirst(): void {
    const block = this.blocks.shift();
    if (!block) return;
    this.chars -= block.text.length;
    this.dropped += BLOCK_LINES;
    this.unpacked.delete(block);
  }

  private runsOf(line: Line): number[] {
    const stream = STREAMS.indexOf(line.stream);
    const isPlain = line.spans.every((span) => span.style === PLAIN);
    if (isPlain) return [stream];
    const runs = line.spans.flatMap((span) => [span.text.length, this.numberOf(span.style)]);
    return [stream | (line.spans.length << STREAM_BITS), ...runs];
  }

  private numberOf(style: Style): number {
    const known = this.styleNumbers.get(style);
    if (known !== undefined) return known;
    if (this.styles.length >= MAX_STYLES) return 0;
    this.styleNumbers.set(style, this.styles.length);
    return this.styles.push(style) - 1;
  }

  private unpack(block: Block): Line[] {
    let lines = this.unpacked.get(block);
    if (lines) return lines;
    let at = 0;
    lines = block.text.split("\n").map((text): Line => {
      const head = block.runs[at++] as number;
      const count = head >> STREAM_BITS;
      const runs = block.runs.subarray(at, (at += 2 * count));
      const stream = STREAMS[head & ((1 << STREAM_BITS) - 1)] as LogStream;
      return { stream, length: text.length, spans: this.spansOf(text, runs) };
    });
    this.unpacked.set(block, lines);
    const [oldest] = this.unpacked.keys();
    if (this.unpacked.size > UNPACKED && oldest) this.unpacked.delete(oldest);
    return lines;
  }

  private spansOf(text: string, runs: Uint16Array): Span[] {
    if (runs.length === 0) return text ? [{ text, style: PLAIN }] : [];
    const spans: Span[] = [];
    let from = 0;
    for (let i = 0; i < runs.length; i += 2) {
      const to = from + (runs[i] as number);
      spans.push({ text: text.slice(from, to), style: this.styles[runs[i + 1] as number] ?? PLAIN });
      from = to;
    }
    return spans;
  }
}
