/** One tensor of a safetensors file. */
interface TensorInfo {
  name: string;
  dtype: string;
  shape: number[];
  bytes: number;
}

export interface SafetensorsHeader {
  tensors: TensorInfo[];
  metadata: Record<string, string>;
}

const LENGTH_BYTES = 8;
/** The format's own limit is 100 MB; a header of this size tells of some hundred thousand tensors. */
export const MAX_HEADER_BYTES = 8 << 20;

/** How many bytes from the beginning of the file hold its header. Throws when this is no safetensors file. */
export function safetensorsHeaderEnd(start: Uint8Array): number {
  if (start.length < LENGTH_BYTES) throw new Error("The file is too short for a safetensors header.");
  const view = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES);
  const length = view.getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) throw new Error("The header is too large to be shown.");
  return LENGTH_BYTES + Number(length);
}

/** The tensors and metadata that the header names; `start` holds at least the whole header. */
export function parseSafetensors(start: Uint8Array): SafetensorsHeader {
  const end = safetensorsHeaderEnd(start);
  if (start.length < end) throw new Error("The file ends within its header.");
  const header: unknown = JSON.parse(new TextDecoder().decode(start.subarray(LENGTH_BYTES, end)));
  if (typeof header !== "object" || header === null) throw new Error("The header is not an object.");
  const { __metadata__: metadata, ...entries } = header as Record<string, unknown>;
  return {
    tensors: Object.entries(entries).map(([name, entry]) => tensorOf(name, entry)),
    metadata: textsOf(metadata),
  };
}

function tensorOf(name: string, entry: unknown): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== "string" || !isNumbers(shape) || !isNumbers(offsets) || offsets.length !== 2)
    throw new Error(`The header says nothing sensible of ${name}.`);
  const [begin = 0, end = 0] = offsets;
  return { name, dtype, shape, bytes: end - begin };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
