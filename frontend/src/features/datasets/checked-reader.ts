import { defaultOptions, type UploadOptions } from "tus-js-client";

type Reader = NonNullable<UploadOptions["fileReader"]>;

/** Reads a file piece by piece, and knows the SHA-256 of the piece that was read last. */
export class CheckedReader implements Reader {
  private last: { start: number; checksum: string } | null = null;

  async openFile(...args: Parameters<Reader["openFile"]>): ReturnType<Reader["openFile"]> {
    const source = await defaultOptions.fileReader.openFile(...args);
    return {
      size: source.size,
      slice: async (start, end) => {
        const piece = await source.slice(start, end);
        const value: unknown = piece.value;
        this.last = value instanceof Blob ? await digest(start, value) : null;
        return piece;
      },
      close: () => source.close(),
    };
  }

  /** The `Upload-Checksum` of the piece that begins at `start`; null where the browser can't tell. */
  checksumAt(start: number): string | null {
    return this.last?.start === start ? this.last.checksum : null;
  }
}

async function digest(start: number, piece: Blob): Promise<{ start: number; checksum: string } | null> {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- only HTTPS and loopback have it
  if (!crypto.subtle) return null;
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await piece.arrayBuffer()));
  return { start, checksum: `sha256 ${btoa(String.fromCharCode(...sum))}` };
}
