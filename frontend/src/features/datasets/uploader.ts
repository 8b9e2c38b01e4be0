import { DetailedError, Upload, type UploadOptions } from "tus-js-client";

import { describeProblem, isProblem } from "../../api/problem";
import type { Session } from "../../api/session";
import { Observable } from "../../lib/observable";
import { CheckedReader } from "./checked-reader";
import { fingerprintOf, speedOf, withSample, type Transfer } from "./transfer";

const PIECE = 8 << 20;
/** After a failure without an answer, for about five minutes; then somebody has to ask for it. */
const RETRY_MS = [0, 500, 1000, 2000, ...Array.from({ length: 60 }, () => 5000)];
const AT_ONCE = 2;
const ENDPOINT = "/api/v1/uploads";
const TRY_AGAIN = new Set([0, 401, 409, 423, 429, 460]);

interface Wish {
  name: string;
  /** Of a dataset that this is to be the next version of. */
  dataset?: string;
  /** Of an unfinished upload of the same file. */
  goesOnWith?: string;
}

type MakeUpload = (file: File, options: UploadOptions) => Pick<Upload, "start" | "abort" | "url">;

interface Job {
  upload: ReturnType<MakeUpload>;
  goesOnWith: string | undefined;
  samples: ReturnType<typeof withSample>;
}

/** The uploads of this tab. They go on whatever page is on the screen; at most two at a time send. */
export class Uploader {
  readonly transfers = new Observable<readonly Transfer[]>([]);
  private readonly jobs = new Map<number, Job>();
  private next = 1;

  constructor(
    private readonly session: Session,
    private readonly onChange: () => void,
    private readonly makeUpload: MakeUpload = (file, options) => new Upload(file, options),
  ) {
    session.state.subscribe(() => {
      if (session.state.get().status === "signed-out") this.forgetAll();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.transfers.get().some(isUnderWay)) event.preventDefault();
    });
  }

  add(file: File, wish: Wish): void {
    const id = this.next++;
    const upload = this.makeUpload(file, this.options(id, file, wish));
    this.jobs.set(id, { upload, goesOnWith: wish.goesOnWith, samples: [] });
    const transfer: Transfer = {
      id,
      name: wish.name,
      bytes: file.size,
      sent: 0,
      speed: null,
      status: "queued",
      error: null,
      datasetId: null,
    };
    this.transfers.set([...this.transfers.get(), transfer]);
    this.startNext();
  }

  pause(id: number): void {
    this.change(id, { status: "paused", speed: null });
    void this.jobs.get(id)?.upload.abort();
    this.startNext();
  }

  resume(id: number): void {
    this.change(id, { status: "uploading", error: null });
    this.jobs.get(id)?.upload.start();
  }

  /** Gives it up: the server forgets what it has. */
  async cancel(id: number): Promise<void> {
    const job = this.jobs.get(id);
    this.dismiss(id);
    await job?.upload.abort(job.upload.url !== null).catch(() => undefined);
    this.onChange();
  }

  /** Takes an ended one off the list. */
  dismiss(id: number): void {
    this.jobs.delete(id);
    this.transfers.set(this.transfers.get().filter((transfer) => transfer.id !== id));
    this.startNext();
  }

  /** Is the unfinished upload of that id one of ours? */
  isHandling(uploadId: string): boolean {
    return [...this.jobs.values()].some(({ goesOnWith, upload }) =>
      [goesOnWith, upload.url?.split("/").at(-1)].includes(uploadId),
    );
  }

  private forgetAll(): void {
    for (const { upload } of this.jobs.values()) void upload.abort();
    this.jobs.clear();
    this.transfers.set([]);
  }

  private startNext(): void {
    const all = this.transfers.get();
    const busy = all.filter(({ status }) => status === "uploading" || status === "waiting").length;
    const queued = all.filter(({ status }) => status === "queued");
    for (const { id } of queued.slice(0, Math.max(0, AT_ONCE - busy))) this.resume(id);
  }

  private options(id: number, file: File, { name, dataset, goesOnWith }: Wish): UploadOptions {
    const reader = new CheckedReader();
    return {
      endpoint: ENDPOINT,
      uploadUrl: goesOnWith ? `${ENDPOINT}/${goesOnWith}` : null,
      chunkSize: PIECE,
      retryDelays: RETRY_MS,
      storeFingerprintForResuming: false, // the server lists what is not finished
      metadata: { name, fingerprint: fingerprintOf(file), ...(dataset ? { dataset } : {}) },
      fileReader: reader,
      onBeforeRequest: async (request) => {
        request.setHeader("Authorization", `Bearer ${await this.session.token()}`);
        const offset = request.getMethod() === "PATCH" ? request.getHeader("Upload-Offset") : undefined;
        const checksum = offset === undefined ? null : reader.checksumAt(Number(offset));
        if (checksum) request.setHeader("Upload-Checksum", checksum);
      },
      onAfterResponse: async (_request, response) => {
        if (response.getStatus() === 401) await this.session.renew().catch(() => undefined);
      },
      onUploadUrlAvailable: this.onChange,
      onProgress: (sent) => this.progress(id, sent),
      onShouldRetry: (error) => {
        const again = isWorthAnotherTry(error);
        if (again) this.change(id, { status: "waiting", speed: null });
        return again;
      },
      onError: (error) => {
        this.change(id, { status: "failed", speed: null, error: reasonOf(error) });
        this.startNext();
      },
      onSuccess: () => this.finish(id),
    };
  }

  private progress(id: number, sent: number): void {
    const job = this.jobs.get(id);
    if (!job || this.find(id)?.status === "paused") return;
    job.samples = withSample(job.samples, performance.now(), sent);
    this.change(id, { status: "uploading", sent, speed: speedOf(job.samples) });
  }

  private finish(id: number): void {
    const datasetId = this.jobs.get(id)?.upload.url?.split("/").at(-1) ?? null;
    this.change(id, { status: "done", speed: null, sent: this.find(id)?.bytes ?? 0, datasetId });
    this.onChange();
    this.startNext();
  }

  private find(id: number): Transfer | undefined {
    return this.transfers.get().find((transfer) => transfer.id === id);
  }

  private change(id: number, changes: Partial<Transfer>): void {
    this.transfers.set(
      this.transfers.get().map((transfer) => (transfer.id === id ? { ...transfer, ...changes } : transfer)),
    );
  }
}

function isUnderWay({ status }: Transfer): boolean {
  return status === "queued" || status === "uploading" || status === "waiting";
}

function isWorthAnotherTry(error: DetailedError): boolean {
  const status = error.originalResponse?.getStatus() ?? 0;
  return status >= 500 || TRY_AGAIN.has(status);
}

/** What the server said, or that it said nothing. */
function reasonOf(error: Error): string {
  const body = error instanceof DetailedError ? error.originalResponse?.getBody() : undefined;
  if (body === undefined) return "The server does not answer. Resume it once you are connected again.";
  try {
    const problem: unknown = JSON.parse(body);
    if (isProblem(problem)) return describeProblem(problem);
  } catch {
    // Not the server's own words.
  }
  return "The server refused it.";
}
