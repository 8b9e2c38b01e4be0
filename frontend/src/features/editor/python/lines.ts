/** A statement as Python reads it: brackets and backslashes join lines. */
export interface LogicalLine {
  /** From 1. */
  line: number;
  endLine: number;
  /** Columns of white space before it. */
  indent: number;
  /** Without comments; joined lines are separated by a space. */
  text: string;
}

type Context = "code" | "string" | "comment";

const STATEMENT = /^\s*(?:async\s+)?(?:def|class|import|from|return|if|for|while|with|try|@\w)/;

/** Reads Python's strings, comments and brackets, and nothing else of it. */
class Reader {
  at = 0;
  depth = 0;
  private quote = "";

  constructor(readonly source: string) {}

  get context(): Context {
    return this.quote === "#" ? "comment" : this.quote ? "string" : "code";
  }

  /** Moves on by one character, or by a whole delimiter. */
  step(): void {
    const { source, at } = this;
    const char = source[at] as string;
    if (this.quote === "#") this.endAtNewline(char);
    else if (this.quote) this.stepInString(char);
    else if (char === "#") this.quote = "#";
    else if (char === '"' || char === "'") this.open(char);
    else if ("([{".includes(char)) this.depth++;
    else if (")]}".includes(char)) this.depth = Math.max(0, this.depth - 1);
    this.at++;
  }

  private open(char: string): void {
    const isTriple = this.source.startsWith(char.repeat(3), this.at);
    this.quote = isTriple ? char.repeat(3) : char;
    if (isTriple) this.at += 2;
  }

  private stepInString(char: string): void {
    if (char === "\\") this.at++;
    else if (this.source.startsWith(this.quote, this.at)) {
      this.at += this.quote.length - 1;
      this.quote = "";
    } else if (this.quote.length === 1) this.endAtNewline(char);
  }

  private endAtNewline(char: string): void {
    if (char === "\n") this.quote = "";
  }
}

/** Whether a place in the source is code, or within a string or a comment. */
export function contextAt(source: string, offset: number): Context {
  const reader = new Reader(source);
  while (reader.at < offset) reader.step();
  return reader.context;
}

/** The statements of a source, empty lines left out. A bracket that is never closed ends where a statement clearly begins. */
export function logicalLines(source: string): LogicalLine[] {
  const reader = new Reader(source);
  const lines: LogicalLine[] = [];
  let line = 1;
  let started = 1;
  let text = "";
  const finish = (): void => {
    const trimmed = text.trim();
    const indent = text.length - text.trimStart().length;
    if (trimmed) lines.push({ line: started, endLine: line, indent, text: trimmed });
    text = "";
    started = line + 1;
  };
  while (reader.at < source.length) {
    const char = source[reader.at] as string;
    const before = reader.at;
    const { context } = reader;
    const rest = char === "\n" ? source.slice(before + 1, before + 80) : "";
    reader.step();
    const isJoined =
      context === "string" ? reader.context === "string" : reader.depth > 0 && !STATEMENT.test(rest);
    if (char !== "\n") {
      if (context !== "comment" && reader.context !== "comment") text += source.slice(before, reader.at);
      line += newlines(source.slice(before + 1, reader.at));
    } else if (isJoined || text.endsWith("\\")) {
      text = text.endsWith("\\") ? text.slice(0, -1) : text + (context === "string" ? "\n" : " ");
      line++;
    } else {
      reader.depth = 0;
      finish();
      line++;
    }
  }
  finish();
  return lines;
}

function newlines(text: string): number {
  return text.split("\n").length - 1;
}

/** Splits at commas (or another separator) that are in no bracket and in no string. */
export function splitOutside(text: string, separator = ","): string[] {
  const reader = new Reader(text);
  const parts: string[] = [];
  let from = 0;
  while (reader.at < text.length) {
    if (text[reader.at] === separator && reader.depth === 0 && reader.context === "code") {
      parts.push(text.slice(from, reader.at));
      from = reader.at + 1;
    }
    reader.step();
  }
  parts.push(text.slice(from));
  return parts.map((part) => part.trim()).filter(Boolean);
}

/** Where the bracket that opens at `from` is closed; the end of the text if it is not. */
export function closing(text: string, from: number): number {
  const reader = new Reader(text.slice(from));
  do reader.step();
  while (reader.at < reader.source.length && reader.depth > 0);
  return reader.depth > 0 ? text.length : from + reader.at;
}
