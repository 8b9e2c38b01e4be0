/** An upload of this page, from the file's choice to its end. */
export interface Transfer {
  id: number;
  name: string;
  bytes: number;
  /** How much the server has. */
  sent: number;
  /** Bytes a second of late, as far as that can be told. */
  speed: number | null;
  /** `queued` for its turn; `waiting`: the server did not answer, and is asked again. */
  status: "queued" | "uploading" | "waiting" | "paused" | "failed" | "done";
  error: string | null;
  /** Of the dataset that it became. */
  datasetId: string | null;
}

interface Sample {
  at: number;
  sent: number;
}

const WINDOW_MS = 5_000;

/** The samples that still count, with one more. */
export function withSample(samples: readonly Sample[], at: number, sent: number): Sample[] {
  return [...samples.filter((sample) => at - sample.at <= WINDOW_MS), { at, sent }];
}

/** Bytes a second over the samples. */
export function speedOf(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < 250) return null;
  return Math.max(0, ((last.sent - first.sent) * 1000) / (last.at - first.at));
}

/** Seconds until the rest is there at this speed. */
export function secondsLeft({ bytes, sent, speed }: Transfer): number | null {
  return speed ? (bytes - sent) / speed : null;
}

/** What a file is known by when it is chosen again. */
export function fingerprintOf(file: Pick<File, "name" | "size" | "lastModified">): string {
  return `${file.size}-${file.lastModified}-${file.name}`.slice(0, 200);
}

/** A name beside those that are taken: `train.csv` becomes `train-2.csv`. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  let number = 2;
  while (taken.has(`${stem}-${number}${ending}`)) number++;
  return `${stem}-${number}${ending}`;
}
