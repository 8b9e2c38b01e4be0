/** A place between the lines of a log: behind so many of them, counted from the very first. */
export interface Mark {
  after: number;
}

/** How much room what stands at a mark takes, in rows. */
export const MARK_ROWS = 10;
/** More is for elsewhere: a program may show something with each of a million lines. */
const MAX_MARKS = 10_000;

/** The marks of a log, in order, no two at one place. */
export class LogMarks {
  /** How many went with the lines around them. */
  dropped = 0;
  private readonly marks: Mark[] = [];

  get count(): number {
    return this.marks.length;
  }

  /** The mark behind that many lines, but not before one that is there; null when there are too many. */
  add(after: number): Mark | null {
    const last = this.marks.at(-1);
    if (last && last.after >= after) return last;
    if (this.marks.length >= MAX_MARKS) return null;
    const mark = { after };
    this.marks.push(mark);
    return mark;
  }

  /** How many stand before a line. */
  before(number: number): number {
    let low = 0;
    let high = this.marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.marks[middle] as Mark).after < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The one right behind a line; behind line 0 is the top. */
  behind(number: number): Mark | undefined {
    const mark = this.marks[this.before(number)];
    return mark?.after === number ? mark : undefined;
  }

  /** A line was put in and has this number now: those behind it move on. */
  lineInserted(number: number): void {
    for (let at = this.marks.length - 1; at >= 0; at--) {
      const mark = this.marks[at] as Mark;
      if (mark.after < number) return;
      mark.after++;
    }
  }

  /** Lines up to this number are gone. */
  linesDropped(number: number): void {
    const gone = this.before(number);
    this.marks.splice(0, gone);
    this.dropped += gone;
  }
}
