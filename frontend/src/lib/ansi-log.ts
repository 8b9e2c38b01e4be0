import { SgrTable, type Style, PLAIN } from "./ansi-style";
import { BLOCK_LINES, LineStore, type Block } from "./line-store";
import { lineText, overwrite, truncate, type Line, type LogStream } from "./log-line";
import { LogMarks, type Mark } from "./log-marks";

const MUTABLE_TAIL = 64;
/** Longer lines are broken, so that no single row can stall the page. */
const MAX_COLUMNS = 4096;
const MAX_PENDING_ESCAPE = 4096;
const TAB_WIDTH = 8;

/** Where one stream writes. */
interface Pen {
  style: Style;
  /** The beginning of an escape sequence whose rest has not come yet. */
  pending: string;
  /** The line it is on; null when its next text begins a new one. */
  row: number | null;
  column: number;
  /** Its line has been returned to its beginning: a progress bar, say. */
  isRedrawing: boolean;
  /** Its line was returned and nothing has been written over it yet. */
  isReturned: boolean;
}

export interface AnsiLogLimits {
  maxLines: number;
  maxChars: number;
}

/** About 150 MB at the most; a run of the default quota (64 MiB of output) is kept whole. */
const LIMITS: AnsiLogLimits = { maxLines: 1_500_000, maxChars: 96_000_000 };

/**
 * A program's output as lines of styled text, for reading: carriage returns, backspaces, colours and the small cursor
 * movements of progress bars are honoured within a mutable tail; everything above it is fixed. Independent of any width,
 * so that a hidden or narrow view never corrupts what was written.
 *
 * Each stream continues its own line, so a half-written one is never joined with another stream's text; a line that is
 * being redrawn stays below what the other streams print meanwhile.
 */
export class AnsiLog {
  /** Called with each version of a line that is complete: at its end, and before it is drawn over. */
  onText: ((text: string) => void) | null = null;
  /** Grows with every change. */
  writes = 0;
  readonly marks = new LogMarks();

  /** The lines that may still change, and those before them that do not fill a block yet. */
  private readonly lines: Line[] = [];
  private readonly fixed: LineStore;
  private readonly sgr = new SgrTable();
  private readonly pens = new Map<LogStream, Pen>();

  constructor(limits: AnsiLogLimits = LIMITS) {
    this.fixed = new LineStore(limits);
  }

  /** How many lines there have been; line numbers count from 1 to this. */
  get count(): number {
    return this.fixed.end + this.lines.length;
  }

  /** Lines dropped from the top to bound memory; the first one kept is line `dropped + 1`. */
  get dropped(): number {
    return this.fixed.dropped;
  }

  /** Lines up to this number never change any more. */
  get settled(): number {
    return Math.max(this.fixed.end, this.count - MUTABLE_TAIL);
  }

  /** What is packed, from line `dropped + 1` on, and how many lines that covers from the first. */
  get blocks(): readonly Block[] {
    return this.fixed.blocks;
  }

  /** The number of the last line in `blocks`; those after it are few and are asked for one by one. */
  get packed(): number {
    return this.fixed.end;
  }

  /** A line by its number from 1; undefined when there is none, or it was dropped. */
  line(number: number): Line | undefined {
    const place = number - 1 - this.fixed.end;
    return place >= 0 ? this.lines[place] : this.fixed.line(number - 1);
  }

  /** The text of the last lines, at most `most` of them. */
  lastTexts(most: number): string[] {
    const texts: string[] = [];
    for (let number = Math.max(this.dropped, this.count - most) + 1; number <= this.count; number++) {
      const line = this.line(number);
      if (line) texts.push(lineText(line));
    }
    return texts;
  }

  /** The text of what is being redrawn at the end: progress bars, from the outermost to the innermost. */
  redrawnTexts(): string[] {
    return this.lines
      .slice(-MUTABLE_TAIL)
      .filter((line) => line.isRedrawn)
      .map(lineText);
  }

  /** Appends decoded text of one stream; an escape sequence may be split across calls. */
  write(text: string, stream: LogStream): void {
    this.writes++;
    const pen = this.penOf(stream);
    const input = pen.pending + text;
    pen.pending = "";
    let start = 0;
    for (let i = 0; i < input.length; i++) {
      const code = input.charCodeAt(i);
      if (code >= 32 && code !== 127) continue;
      this.put(input.slice(start, i), stream, pen);
      if (code === 27) {
        const end = this.escape(input, i, stream, pen);
        if (end < 0) {
          pen.pending = input.length - i > MAX_PENDING_ESCAPE ? "" : input.slice(i);
          return;
        }
        i = end;
      } else {
        this.control(code, stream, pen);
      }
      start = i + 1;
    }
    this.put(input.slice(start), stream, pen);
  }

  /** Marks the place where a line that comes now would stand; it stays there. Null when there are too many marks. */
  mark(): Mark | null {
    return this.marks.add(this.fixed.end + this.freshRow(null));
  }

  private penOf(stream: LogStream): Pen {
    let pen = this.pens.get(stream);
    if (!pen) {
      pen = { style: PLAIN, pending: "", row: null, column: 0, isRedrawing: false, isReturned: false };
      this.pens.set(stream, pen);
    }
    return pen;
  }

  private control(code: number, stream: LogStream, pen: Pen): void {
    if (code === 10) this.newLine(stream, pen);
    else if (code === 8) pen.column = Math.max(0, pen.column - 1);
    else if (code === 9) this.put(" ".repeat(TAB_WIDTH - (pen.column % TAB_WIDTH)), stream, pen);
    else if (code === 13) {
      pen.column = 0;
      pen.isRedrawing = true;
      pen.isReturned = true;
    }
  }

  private tell(row: number): void {
    if (this.onText) this.onText(lineText(this.lines[row] as Line));
  }

  /** Down to the stream's own next line, where a cursor movement left one, else to a new one. */
  private newLine(stream: LogStream, pen: Pen): void {
    const next = this.rowOf(stream, pen) + 1;
    this.tell(next - 1);
    pen.column = 0;
    pen.isReturned = false;
    const isOwn = this.lines[next]?.stream === stream;
    pen.row = isOwn ? next : null;
    if (isOwn) return;
    pen.isRedrawing = false;
    (this.lines[next - 1] as Line).isRedrawn = false;
    this.pack();
  }

  /** The row the pen is on, made when there is none; one that has become fixed is left for a new one. */
  private rowOf(stream: LogStream, pen: Pen): number {
    if (pen.row !== null && pen.row >= this.lines.length - MUTABLE_TAIL) return pen.row;
    const row = this.freshRow(stream);
    for (const other of this.pens.values()) {
      if (other.row !== null && other.row >= row) other.row++;
    }
    this.lines.splice(row, 0, { stream, length: 0, spans: [] });
    this.marks.lineInserted(this.fixed.end + row + 1);
    pen.row = row;
    return row;
  }

  /** Where a stream's new line goes: last, but above what another stream is redrawing. */
  private freshRow(stream: LogStream | null): number {
    let row = this.lines.length;
    for (const [name, pen] of this.pens) {
      if (name === stream || !pen.isRedrawing || pen.row === null || pen.row < row - MUTABLE_TAIL) continue;
      if (this.lines.slice(pen.row).every((line) => line.stream === name))
        row = this.topOfRedrawn(pen.row, name);
    }
    return row;
  }

  private topOfRedrawn(row: number, stream: LogStream): number {
    const isPart = (line: Line | undefined): boolean => line?.stream === stream && line.isRedrawn === true;
    while (isPart(this.lines[row - 1])) row--;
    return row;
  }

  private put(text: string, stream: LogStream, pen: Pen): void {
    while (text) {
      if (pen.column >= MAX_COLUMNS) this.newLine(stream, pen);
      const part = text.slice(0, MAX_COLUMNS - pen.column);
      const row = this.rowOf(stream, pen);
      const line = this.lines[row] as Line;
      if (pen.isReturned && line.length > 0) this.tell(row);
      pen.isReturned = false;
      overwrite(line, pen.column, part, pen.style);
      if (pen.isRedrawing) line.isRedrawn = true;
      pen.column += part.length;
      text = text.slice(part.length);
    }
  }

  /** Returns the index of the sequence's last character, or -1 when it is not complete yet. */
  private escape(input: string, at: number, stream: LogStream, pen: Pen): number {
    const kind = input[at + 1];
    if (kind === undefined) return -1;
    if (kind === "[") return this.controlSequence(input, at + 2, stream, pen);
    if (kind === "]") return endOfString(input, at + 2);
    if (kind === "(" || kind === ")" || kind === "#") return at + 2 < input.length ? at + 2 : -1;
    return at + 1;
  }

  private controlSequence(input: string, from: number, stream: LogStream, pen: Pen): number {
    let end = from;
    while (end < input.length && !isFinalByte(input.charCodeAt(end))) end++;
    if (end === input.length) return -1;
    const parameters = input.slice(from, end);
    const final = input[end] as string;
    if (final === "m") pen.style = this.sgr.apply(pen.style, parameters);
    else this.move(final, Number.parseInt(parameters, 10) || 0, stream, pen);
    return end;
  }

  private move(final: string, parameter: number, stream: LogStream, pen: Pen): void {
    const count = Math.max(1, parameter);
    if (final === "K") this.eraseInLine(parameter, stream, pen);
    else if (final === "A") this.moveRow(-count, stream, pen);
    else if (final === "B") this.moveRow(count, stream, pen);
    else if (final === "C") pen.column = clampColumn(pen.column + count);
    else if (final === "D") pen.column = clampColumn(pen.column - count);
    else if (final === "G") pen.column = clampColumn(count - 1);
  }

  /** Moves among the stream's own neighbouring lines of the tail, and no farther. */
  private moveRow(by: number, stream: LogStream, pen: Pen): void {
    let row = this.rowOf(stream, pen);
    const step = Math.sign(by);
    for (let left = Math.abs(by); left > 0; left--) {
      const next = row + step;
      if (this.lines[next]?.stream !== stream || next < this.lines.length - MUTABLE_TAIL) break;
      row = next;
    }
    pen.row = row;
    (this.lines[row] as Line).isRedrawn = true;
  }

  private eraseInLine(mode: number, stream: LogStream, pen: Pen): void {
    const line = this.lines[this.rowOf(stream, pen)] as Line;
    if (mode === 0) truncate(line, pen.column);
    else if (mode === 2) truncate(line, 0);
    else overwrite(line, 0, " ".repeat(Math.min(pen.column, line.length)), PLAIN);
  }

  /** Moves what can change no more into the store, a block at a time. */
  private pack(): void {
    if (this.lines.length < BLOCK_LINES + MUTABLE_TAIL) return;
    this.fixed.add(this.lines.splice(0, BLOCK_LINES));
    this.marks.linesDropped(this.dropped);
    for (const pen of this.pens.values()) {
      if (pen.row !== null) pen.row = pen.row >= BLOCK_LINES ? pen.row - BLOCK_LINES : null;
    }
  }
}

function clampColumn(column: number): number {
  return Math.min(Math.max(0, column), MAX_COLUMNS - 1);
}

function isFinalByte(code: number): boolean {
  return code >= 0x40 && code <= 0x7e;
}

/** The end of an OSC string, closed by BEL or by ESC backslash. */
function endOfString(input: string, from: number): number {
  for (let i = from; i < input.length; i++) {
    const code = input.charCodeAt(i);
    if (code === 7) return i;
    if (code === 27 && i + 1 < input.length) return input[i + 1] === "\\" ? i + 1 : i - 1;
  }
  return -1;
}
