import { DetailedError, type HttpRequest, type HttpResponse, type UploadOptions } from "tus-js-client";

import { Session } from "../../api/session";
import { storeSession } from "../../testing/render";
import { Uploader } from "./uploader";

/** An upload in the test's hands. */
class FakeUpload {
  url: string | null = null;
  starts = 0;
  aborts: (boolean | undefined)[] = [];

  constructor(
    readonly file: File,
    readonly options: UploadOptions,
  ) {}

  start(): void {
    this.starts++;
  }

  abort(terminate?: boolean): Promise<void> {
    this.aborts.push(terminate);
    return Promise.resolve();
  }

  get metadata(): Record<string, string> {
    return this.options.metadata ?? {};
  }
}

function begin() {
  storeSession();
  const made: FakeUpload[] = [];
  const onChange = jest.fn();
  const session = new Session();
  const uploader = new Uploader(session, onChange, (file, options) => {
    made.push(new FakeUpload(file, options));
    return made[made.length - 1] as FakeUpload;
  });
  const add = (name: string, wish = {}): FakeUpload => {
    uploader.add(new File(["12345"], name, { lastModified: 7 }), { name, ...wish });
    return made[made.length - 1] as FakeUpload;
  };
  const statuses = (): string[] => uploader.transfers.get().map(({ status }) => status);
  return { uploader, session, onChange, add, statuses };
}

function answered(status: number, body: string): DetailedError {
  const response = { getStatus: () => status, getBody: () => body, getHeader: () => undefined };
  const error = new Error("answered") as unknown as DetailedError;
  Object.setPrototypeOf(error, DetailedError.prototype);
  error.originalResponse = status === 0 ? null : (response as unknown as HttpResponse);
  return error;
}

test("two are sent at a time, and the next when one has ended", () => {
  const { add, statuses, uploader } = begin();
  const [a, b, c] = [add("a"), add("b"), add("c")];
  expect([a.starts, b.starts, c.starts]).toEqual([1, 1, 0]);
  expect(statuses()).toEqual(["uploading", "uploading", "queued"]);
  a.options.onSuccess?.({} as never);
  expect(c.starts).toBe(1);
  expect(statuses()).toEqual(["done", "uploading", "uploading"]);
  uploader.pause(2);
  expect(statuses()).toEqual(["done", "paused", "uploading"]);
});

test("what the server is told says what the file is, and of which dataset it is a version", () => {
  const { add } = begin();
  expect(add("a", { dataset: "d1" }).metadata).toEqual({ name: "a", fingerprint: "5-7-a", dataset: "d1" });
  expect(add("b", { goesOnWith: "u1" }).options.uploadUrl).toBe("/api/v1/uploads/u1");
});

test("a finished one is the dataset of the same id", () => {
  const { add, uploader, onChange } = begin();
  const upload = add("a");
  upload.url = "http://localhost/api/v1/uploads/abc";
  upload.options.onSuccess?.({} as never);
  expect(uploader.transfers.get()[0]).toMatchObject({ status: "done", datasetId: "abc", sent: 5 });
  expect(onChange).toHaveBeenCalled();
});

test("without an answer it is tried again, and that is said", () => {
  const { add, statuses, uploader } = begin();
  const upload = add("a");
  expect(upload.options.onShouldRetry?.(answered(0, ""), 0, upload.options)).toBe(true);
  expect(statuses()).toEqual(["waiting"]);
  upload.options.onProgress?.(2, 5);
  expect(uploader.transfers.get()[0]).toMatchObject({ status: "uploading", sent: 2 });
});

test.each([409, 460, 423, 503])("status %d is tried again", (status) => {
  const { add } = begin();
  const upload = add("a");
  expect(upload.options.onShouldRetry?.(answered(status, ""), 0, upload.options)).toBe(true);
});

test("a refusal is not tried again, and the server's reason stands there", () => {
  const { add, uploader } = begin();
  const upload = add("a");
  const refused = answered(413, '{"title":"Too large","status":413,"detail":"It does not fit."}');
  expect(upload.options.onShouldRetry?.(refused, 0, upload.options)).toBe(false);
  upload.options.onError?.(refused);
  expect(uploader.transfers.get()[0]).toMatchObject({ status: "failed", error: "It does not fit." });
  uploader.resume(1);
  expect(upload.starts).toBe(2);
});

test("late news of a paused one do not wake it up", () => {
  const { add, uploader, statuses } = begin();
  const upload = add("a");
  uploader.pause(1);
  upload.options.onProgress?.(2, 5);
  expect(statuses()).toEqual(["paused"]);
});

test("a cancelled one is forgotten by the server too", async () => {
  const { add, uploader } = begin();
  const upload = add("a");
  upload.url = "/api/v1/uploads/abc";
  await uploader.cancel(1);
  expect(upload.aborts).toEqual([true]);
  expect(uploader.transfers.get()).toEqual([]);
});

test("who signs out takes nothing along", async () => {
  const { add, uploader, session } = begin();
  jest.spyOn(globalThis, "fetch").mockResolvedValue(new Response(null, { status: 204 }));
  const upload = add("a");
  await session.signOut();
  expect(upload.aborts).toEqual([undefined]);
  expect(uploader.transfers.get()).toEqual([]);
});

test("every request carries a live token", async () => {
  const { add } = begin();
  const headers = new Map<string, string>();
  const request = {
    getMethod: () => "PATCH",
    getHeader: () => "0",
    setHeader: (name: string, value: string) => headers.set(name, value),
  } as unknown as HttpRequest;
  await add("a").options.onBeforeRequest?.(request);
  expect(headers.get("Authorization")).toMatch(/^Bearer access-/);
});
