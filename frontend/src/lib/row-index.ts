import type { AnsiLog } from "./ansi-log";
import { BLOCK_LINES, type Block } from "./line-store";
import { MARK_ROWS } from "./log-marks";

export const ROW_PX = 20;

export interface RowPlace {
  /** The line's number; 0, or that of the last line dropped, for what stands above the first one. */
  number: number;
  /** Its first row, counted from 0 at the top of what is kept. */
  row: number;
}

/**
 * Where each line of a log stands when lines longer than `columns` go on in further rows (Infinity: they do not), and what
 * stands at a mark takes MARK_ROWS of them.
 */
export class RowIndex {
  /** Rows that went from the top with dropped lines, so far. */
  removed = 0;
  private readonly sums: number[] = [];
  private packedRows = 0;
  private dropped: number;
  private marksDropped: number;

  constructor(
    private readonly log: AnsiLog,
    private readonly columns: number,
  ) {
    this.dropped = log.dropped;
    this.marksDropped = log.marks.dropped;
  }

  /** Takes in what the log has got and dropped since. */
  update(): void {
    for (; this.dropped < this.log.dropped; this.dropped += BLOCK_LINES) {
      const gone = this.sums.shift() ?? 0;
      this.removed += gone;
      this.packedRows -= gone;
    }
    this.removed += MARK_ROWS * (this.log.marks.dropped - this.marksDropped);
    this.marksDropped = this.log.marks.dropped;
    for (const block of this.log.blocks.slice(this.sums.length)) {
      const rows = this.sumOf(block);
      this.sums.push(rows);
      this.packedRows += rows;
    }
  }

  total(): number {
    return this.rowOf(this.log.count + 1);
  }

  /** Of a line and what stands right behind it. */
  rowsOf(number: number): number {
    return this.textRowsOf(number) + (this.log.marks.behind(number) ? MARK_ROWS : 0);
  }

  /** The first row of a line; of the one behind the last: how many rows there are. */
  rowOf(number: number): number {
    const { log } = this;
    if (number <= log.dropped) return 0;
    const blocks = Math.floor((Math.min(number - 1, log.packed) - log.dropped) / BLOCK_LINES);
    let row = number > log.packed ? this.packedRows : 0;
    if (number <= log.packed) for (let i = 0; i < blocks; i++) row += this.sums[i] as number;
    for (let at = log.dropped + blocks * BLOCK_LINES + 1; at < number; at++) row += this.textRowsOf(at);
    return row + MARK_ROWS * log.marks.before(number);
  }

  /** The line that a row belongs to; the nearest one for a row that is none. */
  lineAt(row: number): RowPlace {
    const { log } = this;
    const above = log.marks.before(log.dropped + 1) * MARK_ROWS;
    if (above > 0 && row < above) return { number: log.dropped, row: 0 };
    let number = log.dropped + 1;
    let start = above;
    let passed = above / MARK_ROWS;
    for (const rows of this.sums) {
      const marks = log.marks.before(number + BLOCK_LINES);
      const end = start + rows + MARK_ROWS * (marks - passed);
      if (end > row) break;
      start = end;
      passed = marks;
      number += BLOCK_LINES;
    }
    while (number < log.count && start + this.rowsOf(number) <= row) start += this.rowsOf(number++);
    return { number, row: start };
  }

  private textRowsOf(number: number): number {
    const line = this.log.line(number);
    return line ? this.rows(line.length) : 0;
  }

  private rows(length: number): number {
    return length <= this.columns ? 1 : Math.ceil(length / this.columns);
  }

  private sumOf(block: Block): number {
    if (this.columns === Infinity) return BLOCK_LINES;
    let sum = 0;
    for (const length of block.lengths) sum += this.rows(length);
    return sum;
  }
}
