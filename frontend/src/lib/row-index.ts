import type { AnsiLog } from "./ansi-log";
import { BLOCK_LINES, type Block } from "./line-store";

export interface RowPlace {
  /** The line's number. */
  number: number;
  /** Its first row, counted from 0 at the top of what is kept. */
  row: number;
}

/** Where each line of a log stands when lines longer than `columns` go on in further rows. Infinity: they do not. */
export class RowIndex {
  /** Rows that went from the top with dropped lines, so far. */
  removed = 0;
  private readonly sums: number[] = [];
  private packedRows = 0;
  private dropped: number;

  constructor(
    private readonly log: AnsiLog,
    private readonly columns: number,
  ) {
    this.dropped = log.dropped;
  }

  /** Takes in what the log has got and dropped since. */
  update(): void {
    for (; this.dropped < this.log.dropped; this.dropped += BLOCK_LINES) {
      const gone = this.sums.shift() ?? 0;
      this.removed += gone;
      this.packedRows -= gone;
    }
    for (const block of this.log.blocks.slice(this.sums.length)) {
      const rows = this.sumOf(block);
      this.sums.push(rows);
      this.packedRows += rows;
    }
  }

  total(): number {
    return this.rowOf(this.log.count + 1);
  }

  rowsOf(number: number): number {
    return this.rows(this.log.line(number)?.length ?? 0);
  }

  /** The first row of a line; of the one behind the last: how many rows there are. */
  rowOf(number: number): number {
    const { log } = this;
    const blocks = Math.floor((Math.min(number - 1, log.packed) - log.dropped) / BLOCK_LINES);
    let row = number > log.packed ? this.packedRows : 0;
    if (number <= log.packed) for (let i = 0; i < blocks; i++) row += this.sums[i] as number;
    for (let at = log.dropped + blocks * BLOCK_LINES + 1; at < number; at++) row += this.rowsOf(at);
    return row;
  }

  /** The line that a row belongs to; the nearest one for a row that is none. */
  lineAt(row: number): RowPlace {
    const { log } = this;
    let number = log.dropped + 1;
    let start = 0;
    for (const rows of this.sums) {
      if (start + rows > row) break;
      start += rows;
      number += BLOCK_LINES;
    }
    while (number < log.count && start + this.rowsOf(number) <= row) start += this.rowsOf(number++);
    return { number, row: start };
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
