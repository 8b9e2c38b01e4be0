/** What is told of an input or output of an ONNX model. */
export interface OnnxValue {
  name: string;
  /** As "float32"; null for what is not a tensor. */
  type: string | null;
  /** Sizes, names of sizes that are chosen later, or "?". */
  shape: string[];
}

export interface OnnxModel {
  irVersion: number | null;
  producer: string;
  graph: string;
  opsets: { domain: string; version: number }[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  nodes: number;
  initializers: number;
  metadata: Record<string, string>;
}

/** Bytes [start, end) of the file. */
export type ReadBytes = (start: number, end: number) => Promise<Uint8Array>;

const WINDOW = 256 << 10;
const MAX_READ = 16 << 20;
const MAX_FIELD = 1 << 20;
const MAX_TAG = 20;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** By onnx.TensorProto.DataType. */
const TYPES = (
  "undefined float32 uint8 int8 uint16 int16 int32 int64 string bool float16 float64 uint32 uint64 complex64 complex128 " +
  "bfloat16 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz uint4 int4 float4e2m1"
).split(" ");

/**
 * The head of an ONNX model (a protobuf message): who made it, its operator sets, its inputs and outputs. Weights are
 * stepped over, not read. Throws when this is no such message, or when too much of it would have to be read.
 */
export async function readOnnx(read: ReadBytes, size: number): Promise<OnnxModel> {
  const file = new Windowed(read, size);
  const model: OnnxModel = {
    irVersion: null,
    producer: "",
    graph: "",
    opsets: [],
    inputs: [],
    outputs: [],
    nodes: 0,
    initializers: 0,
    metadata: {},
  };
  let hasGraph = false;
  for await (const field of fieldsIn(file, 0, size)) {
    if (field.number === 7 && field.wire === BYTES) {
      hasGraph = true;
      await readGraph(file, field, model);
    } else await readModelField(file, field, model);
  }
  if (!hasGraph) throw new Error("This is not an ONNX model.");
  return model;
}

interface Field {
  number: number;
  wire: number;
  /** Of a varint. */
  value: number;
  /** Where the content is. */
  start: number;
  end: number;
}

async function readModelField(file: Windowed, field: Field, model: OnnxModel): Promise<void> {
  switch (field.number) {
    case 1:
      model.irVersion = field.value;
      break;
    case 2:
      model.producer = `${await text(file, field)} ${model.producer}`.trim();
      break;
    case 3:
      model.producer = `${model.producer} ${await text(file, field)}`.trim();
      break;
    case 8: {
      const fields = fieldsOf(await content(file, field));
      model.opsets.push({ domain: textIn(fields, 1) || "ai.onnx", version: fields.get(2)?.value ?? 0 });
      break;
    }
    case 14: {
      const fields = fieldsOf(await content(file, field));
      model.metadata[textIn(fields, 1)] = textIn(fields, 2);
    }
  }
}

async function readGraph(file: Windowed, graph: Field, model: OnnxModel): Promise<void> {
  for await (const field of fieldsIn(file, graph.start, graph.end)) {
    if (field.number === 1) model.nodes++;
    else if (field.number === 2) model.graph = await text(file, field);
    else if (field.number === 5) model.initializers++;
    else if (field.number === 11) model.inputs.push(valueOf(await content(file, field)));
    else if (field.number === 12) model.outputs.push(valueOf(await content(file, field)));
  }
}

function valueOf(bytes: Uint8Array): OnnxValue {
  const value = fieldsOf(bytes);
  const tensor = messageIn(messageIn(value, 2), 1);
  const dims = repeated(tensor?.get(2)?.bytes, 1).map((dim) => {
    const size = fieldsOf(dim);
    return textIn(size, 2) || String(size.get(1)?.value ?? "?");
  });
  const type = tensor?.get(1)?.value;
  return {
    name: textIn(value, 1),
    type: type === undefined ? null : (TYPES[type] ?? `type ${type}`),
    shape: dims,
  };
}

interface Small {
  value: number;
  bytes: Uint8Array;
}

/** The fields of a message that is in memory; of a repeated one, the last. */
function fieldsOf(bytes: Uint8Array): Map<number, Small> {
  return new Map(eachOf(bytes));
}

function repeated(bytes: Uint8Array | undefined, number: number): Uint8Array[] {
  return bytes ? eachOf(bytes).flatMap(([found, field]) => (found === number ? [field.bytes] : [])) : [];
}

function eachOf(bytes: Uint8Array): [number, Small][] {
  const found: [number, Small][] = [];
  let at = 0;
  while (at < bytes.length) {
    const field = fieldAt(bytes, at, 0, bytes.length);
    found.push([field.number, { value: field.value, bytes: bytes.subarray(field.start, field.end) }]);
    at = field.end;
  }
  return found;
}

function messageIn(fields: Map<number, Small> | null, number: number): Map<number, Small> | null {
  const field = fields?.get(number);
  return field ? fieldsOf(field.bytes) : null;
}

function textIn(fields: Map<number, Small>, number: number): string {
  const field = fields.get(number);
  return field ? new TextDecoder().decode(field.bytes) : "";
}

async function text(file: Windowed, field: Field): Promise<string> {
  return new TextDecoder().decode(await content(file, field));
}

function content(file: Windowed, { start, end }: Field): Promise<Uint8Array> {
  if (end - start > MAX_FIELD) throw new Error("A part of the model's head is too large to be shown.");
  return file.bytes(start, end);
}

async function* fieldsIn(file: Windowed, start: number, end: number): AsyncGenerator<Field> {
  let at = start;
  while (at < end) {
    const head = await file.bytes(at, Math.min(end, at + MAX_TAG));
    const field = fieldAt(head, 0, at, end);
    yield field;
    at = field.end;
  }
}

/** The field at `at` of `bytes`, which begin at `base` of the file; its content must end by `limit` of the file. */
function fieldAt(bytes: Uint8Array, at: number, base: number, limit: number): Field {
  const tag = varint(bytes, at);
  const number = Math.floor(tag.value / 8);
  const wire = tag.value % 8;
  if (number === 0) throw new Error("This is not an ONNX model.");
  const start = base + tag.next;
  let field: Field;
  if (wire === VARINT) {
    const { value, next } = varint(bytes, tag.next);
    field = { number, wire, value, start, end: base + next };
  } else if (wire === BYTES) {
    const { value, next } = varint(bytes, tag.next);
    field = { number, wire, value: 0, start: base + next, end: base + next + value };
  } else if (wire === FIXED64 || wire === FIXED32) {
    field = { number, wire, value: 0, start, end: start + (wire === FIXED64 ? 8 : 4) };
  } else throw new Error("This is not an ONNX model.");
  if (field.end > limit) throw new Error("The model is cut short.");
  return field;
}

function varint(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) throw new Error("The model is cut short.");
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  throw new Error("This is not an ONNX model.");
}

/** A file read a window at a time, and no more than so much of it. */
class Windowed {
  private window = new Uint8Array();
  private windowStart = 0;
  private total = 0;

  constructor(
    private readonly read: ReadBytes,
    private readonly size: number,
  ) {}

  async bytes(start: number, end: number): Promise<Uint8Array> {
    if (start < this.windowStart || end > this.windowStart + this.window.length) {
      const until = Math.min(this.size, Math.max(end, start + WINDOW));
      this.total += until - start;
      if (this.total > MAX_READ) throw new Error("The model's head is too large to be shown.");
      this.window = Uint8Array.from(await this.read(start, until));
      this.windowStart = start;
    }
    return this.window.subarray(start - this.windowStart, end - this.windowStart);
  }
}
