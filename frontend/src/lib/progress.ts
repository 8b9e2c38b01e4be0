/** A progress bar that a program draws as text. */
export interface Progress {
  /** What is in front of it; empty when there is nothing. */
  label: string;
  percent: number;
  done: string;
  total: string;
  /** How long it has taken and will take, as the program says it: "00:12", "?" when it does not know. */
  elapsed: string;
  left: string;
  /** What is said behind the times: the speed, then values such as "loss=0.41". */
  note: string;
}

const TQDM =
  /^\s*(?:(.*?):?\s+)?(\d{1,3})%\|[^|]*\|\s*([\d.]+[kMGTP]?)\/([\d.]+[kMGTP]?)\s*\[([\d:]+)<([\d:?]+)(?:,\s*(.*?))?\]/;

/** Reads a line as tqdm draws it (`epoch 1:  45%|####    | 45/100 [00:12<00:15,  3.5it/s, loss=0.41]`); else null. */
export function parseProgress(line: string): Progress | null {
  const match = TQDM.exec(line);
  if (!match) return null;
  const [, label = "", percent = "", done = "", total = "", elapsed = "", left = "", note = ""] = match;
  return { label, percent: Math.min(100, Number(percent)), done, total, elapsed, left, note };
}
