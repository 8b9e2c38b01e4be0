export interface Table {
  header: string[];
  rows: string[][];
  /** Whether there was more than is shown. */
  cut: boolean;
}

const DELIMITERS = [",", ";", "\t"];

/** The first rows of text in which values are separated by commas, semicolons or tabs; `whole` says it ends there. */
export function parseCsv(text: string, maxRows: number, whole = true): Table {
  const delimiter = guessDelimiter(text);
  const rows: string[][] = [];
  let at = 0;
  while (at < text.length && rows.length <= maxRows + 1) {
    const row = readRow(text, at, delimiter);
    at = row.next;
    // The last row of a text that goes on may have been cut in the middle.
    if (whole || at < text.length) rows.push(row.values);
  }
  const [header = [], ...rest] = rows;
  return { header, rows: rest.slice(0, maxRows), cut: !whole || rest.length > maxRows };
}

/** The one that stands most often in the first line. */
function guessDelimiter(text: string): string {
  const line = text.slice(0, text.indexOf("\n") < 0 ? undefined : text.indexOf("\n"));
  const count = (delimiter: string): number => line.split(delimiter).length;
  return DELIMITERS.reduce((best, next) => (count(next) > count(best) ? next : best));
}

function readRow(text: string, start: number, delimiter: string): { values: string[]; next: number } {
  const values: string[] = [];
  let at = start;
  for (;;) {
    const value = text[at] === '"' ? readQuoted(text, at) : readPlain(text, at, delimiter);
    values.push(value.text);
    at = value.next;
    if (text[at] !== delimiter) break;
    at++;
  }
  if (text[at] === "\r") at++;
  return { values, next: at + 1 };
}

function readPlain(text: string, start: number, delimiter: string): { text: string; next: number } {
  let at = start;
  while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at++;
  return { text: text.slice(start, at), next: at };
}

/** A doubled quote stands for one; what follows the closing quote up to the delimiter is taken as it is. */
function readQuoted(text: string, start: number): { text: string; next: number } {
  let value = "";
  let at = start + 1;
  while (at < text.length) {
    if (text[at] !== '"') value += text.charAt(at);
    else if (text[at + 1] === '"') value += text.charAt(at++);
    else return { text: value, next: at + 1 };
    at++;
  }
  return { text: value, next: at };
}
