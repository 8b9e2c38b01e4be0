import { AnsiLog } from "../lib/ansi-log";
import { oncePerFrame } from "../lib/frame-scheduler";
import type { LogStream } from "../lib/log-line";
import type { Mark } from "../lib/log-marks";
import { parseProgress, type Progress } from "../lib/progress";
import { MetricSet, type MetricPoint, type Series } from "./metric-set";
import type { Run, RunState } from "./types";

export interface OutputChunk {
  offset: number;
  stream: LogStream;
  data: ArrayBuffer;
}

export interface Usage {
  /** Cores in use. */
  cpu: number;
  memory_mb: number;
}

/** What a run used at a time, in milliseconds since 1970 by this page's clock. */
export interface UsageSample extends Usage {
  at: number;
}

/** Something the program showed. */
export interface Display {
  /** Counts from 1 over all of the run's displays. */
  number: number;
  kind: "image" | "html" | "text";
  mediaType: string;
  /** An image's URL in this page, or the text itself. */
  content: string;
  /** Where an image stands in the log; null for what is not shown there. */
  mark: Mark | null;
}

/** A display as it comes: the how manieth of the run it is, from 1, and how much output the program wrote before it. */
export interface DisplayMessage {
  number: number;
  offset: number;
  media_type: string;
  data: ArrayBuffer;
}

const ESC = "\u001b";
/** Older ones go: a program may show a figure at every step. */
const MAX_DISPLAYS = 200;
/** Ten minutes at a sample a second. */
const MAX_USAGE_SAMPLES = 600;
/** More bars than a reader can follow. */
const MAX_BARS = 6;
const TERMINAL: ReadonlySet<RunState> = new Set(["succeeded", "failed", "cancelled"]);

export function isTerminal(state: RunState): boolean {
  return TERMINAL.has(state);
}

/**
 * What one run has said so far: output, metrics, figures, state. It lives outside the store because output arrives in
 * thousands of chunks; views subscribe and are told at most once per frame.
 */
export class RunStream {
  /** Where the next byte of output belongs; also what to ask the server for after a reconnect. */
  offset = 0;
  readonly log = new AnsiLog();
  readonly displays: Display[] = [];
  /** What it used while it was watched, the latest last. */
  readonly usageSamples: UsageSample[] = [];
  run: Run | null = null;
  /** Why the run cannot be shown (not found, not allowed). */
  error: string | null = null;

  private readonly metricSet = new MetricSet();
  private version = 0;
  private displayCount = 0;
  private readonly listeners = new Set<() => void>();
  private readonly decoders = new Map<LogStream, TextDecoder>();
  private readonly notes = new Set<string>();
  private readonly changed: () => void;

  constructor(readonly runId: string) {
    this.changed = oncePerFrame(() => {
      this.version++;
      for (const listener of [...this.listeners]) listener();
    });
    this.log.onText = (text) => this.metricSet.recognise(text);
  }

  /** The curves by their names: what the program reported, and what was recognised in its output. */
  get metrics(): ReadonlyMap<string, Series> {
    return this.metricSet.series;
  }

  get usage(): Usage | null {
    return this.usageSamples.at(-1) ?? null;
  }

  /** The progress bars that the program is drawing now, the outermost first. */
  progress(): Progress[] {
    if (!this.run || isTerminal(this.run.state)) return [];
    const bars = this.log.redrawnTexts().map(parseProgress);
    return bars.filter((bar) => bar !== null).slice(0, MAX_BARS);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getVersion = (): number => this.version;

  /** Takes a chunk in order; drops what was already taken; reports a gap, after which the caller asks again. */
  receive(chunk: OutputChunk): "taken" | "duplicate" | "gap" {
    if (chunk.stream === "system") return this.receiveNote(chunk);
    const bytes = new Uint8Array(chunk.data);
    const known = this.offset - chunk.offset;
    if (known < 0) return "gap";
    if (known >= bytes.length) return "duplicate";
    this.write(bytes.subarray(known), chunk.stream);
    this.offset = chunk.offset + bytes.length;
    return "taken";
  }

  /** An older state that comes late never brings an ended run back. */
  receiveState(run: Run): void {
    if (this.run && isTerminal(this.run.state) && !isTerminal(run.state)) return;
    this.run = run;
    this.error = null;
    this.changed();
  }

  receiveUsage(usage: Usage, at = Date.now()): void {
    this.usageSamples.push({ ...usage, at });
    if (this.usageSamples.length > MAX_USAGE_SAMPLES) this.usageSamples.shift();
    this.changed();
  }

  /** A metric's value; every watch sends all of a run's metrics again, which changes nothing. */
  receiveMetric(point: MetricPoint): void {
    if (this.metricSet.report(point)) this.changed();
  }

  /**
   * A figure, table or text the program showed, at the end of the output that came before it. Each watch sends all of them
   * again: one that is here changes nothing, and one whose turn it is not yet will come again.
   */
  receiveDisplay({ number, offset, media_type: mediaType, data }: DisplayMessage): void {
    if (number !== this.displayCount + 1 || offset > this.offset) return;
    this.displayCount = number;
    const kind = kindOf(mediaType);
    if (!kind) return;
    const isImage = kind === "image";
    const content = isImage
      ? URL.createObjectURL(new Blob([data], { type: mediaType }))
      : new TextDecoder().decode(data);
    const mark = isImage ? this.log.mark() : null;
    this.displays.push({ number, kind, mediaType, content, mark });
    if (this.displays.length > MAX_DISPLAYS) release(this.displays.shift());
    this.changed();
  }

  receiveError(message: string): void {
    this.error = message;
    this.changed();
  }

  /** Shows a line the user sent to the program, behind its prompt as in a terminal; a pipe does not echo it. */
  echo(text: string): void {
    this.log.write(`${ESC}[1;34m${text}${ESC}[22;39m`, "stdout");
    this.changed();
  }

  dispose(): void {
    this.displays.forEach(release);
    this.listeners.clear();
  }

  private receiveNote(chunk: OutputChunk): "taken" | "duplicate" {
    const text = new TextDecoder().decode(chunk.data);
    const key = `${chunk.offset}:${text}`;
    if (this.notes.has(key)) return "duplicate";
    this.notes.add(key);
    this.log.write(text.endsWith("\n") ? text : `${text}\n`, "system");
    this.changed();
    return "taken";
  }

  private write(bytes: Uint8Array, stream: LogStream): void {
    let decoder = this.decoders.get(stream);
    if (!decoder) this.decoders.set(stream, (decoder = new TextDecoder()));
    this.log.write(decoder.decode(bytes, { stream: true }), stream);
    this.changed();
  }
}

function kindOf(mediaType: string): Display["kind"] | null {
  if (/^image\/(png|jpeg|gif|webp|svg\+xml)$/.test(mediaType)) return "image";
  if (mediaType === "text/html") return "html";
  return mediaType.startsWith("text/") ? "text" : null;
}

function release(display: Display | undefined): void {
  if (display?.kind === "image") URL.revokeObjectURL(display.content);
}
