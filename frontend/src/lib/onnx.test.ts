import { readOnnx, type ReadBytes } from "./onnx";

// Protobuf by its definition: a tag (field number and wire type) and a varint, or a length and bytes.
function varint(value: number): number[] {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}
const number = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const message = (field: number, ...parts: number[][]): number[] => {
  const body = parts.flat();
  return [...varint(field * 8 + 2), ...varint(body.length), ...body];
};
const text = (field: number, value: string): number[] => message(field, [...new TextEncoder().encode(value)]);

const dim = (size: number | string): number[] =>
  message(1, typeof size === "number" ? number(1, size) : text(2, size));
const value = (field: number, name: string, type: number, ...shape: (number | string)[]): number[] =>
  message(field, text(1, name), message(2, message(1, number(1, type), message(2, ...shape.map(dim)))));

function model(weights: number): Uint8Array {
  const graph = message(
    7,
    message(1, text(4, "Gemm")),
    message(1, text(4, "Relu")),
    text(2, "net"),
    message(5, number(2, 1), message(9, new Array<number>(weights).fill(7))),
    value(11, "image", 1, "batch", 3, 224),
    value(12, "label", 7, "batch"),
  );
  const head = [number(1, 9), text(2, "pytorch"), text(3, "2.5.0")].flat();
  const tail = [
    message(8, text(1, ""), number(2, 17)),
    message(14, text(1, "task"), text(2, "digits")),
  ].flat();
  return Uint8Array.from([...head, ...graph, ...tail]);
}

function reader(bytes: Uint8Array): { read: ReadBytes; asked: number[] } {
  const asked: number[] = [];
  const read: ReadBytes = (start, end) => {
    asked.push(end - start);
    return Promise.resolve(bytes.subarray(start, end));
  };
  return { read, asked };
}

test("the head of a model is told", async () => {
  const bytes = model(10);
  expect(await readOnnx(reader(bytes).read, bytes.length)).toEqual({
    irVersion: 9,
    producer: "pytorch 2.5.0",
    graph: "net",
    opsets: [{ domain: "ai.onnx", version: 17 }],
    inputs: [{ name: "image", type: "float32", shape: ["batch", "3", "224"] }],
    outputs: [{ name: "label", type: "int64", shape: ["batch"] }],
    nodes: 2,
    initializers: 1,
    metadata: { task: "digits" },
  });
});

test("the weights are stepped over", async () => {
  const weights = 2_000_000;
  const bytes = model(weights);
  const { read, asked } = reader(bytes);
  const { opsets } = await readOnnx(read, bytes.length);
  expect(opsets).toEqual([{ domain: "ai.onnx", version: 17 }]);
  expect(asked.reduce((sum, size) => sum + size, 0)).toBeLessThan(weights / 2);
});

test.each([
  ["text", new TextEncoder().encode("hello, this is not a model")],
  ["nothing", new Uint8Array()],
  ["a model that is cut", model(10).subarray(0, 60)],
  ["zeros", new Uint8Array(100)],
])("%s is refused", async (_name, bytes) => {
  await expect(readOnnx(reader(bytes).read, bytes.length)).rejects.toThrow();
});
