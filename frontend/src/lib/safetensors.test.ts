import { MAX_HEADER_BYTES, parseSafetensors, safetensorsHeaderEnd } from "./safetensors";

/** A file as the format defines it: the header's length in 8 bytes, little-endian, the header, the data. */
function file(header: unknown, data = 0): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const HEADER = {
  __metadata__: { format: "pt" },
  "layer.weight": { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
  "layer.bias": { dtype: "BF16", shape: [], data_offsets: [24, 26] },
};

test("the header tells every tensor with its type, shape and size", () => {
  expect(parseSafetensors(file(HEADER, 26))).toEqual({
    metadata: { format: "pt" },
    tensors: [
      { name: "layer.weight", dtype: "F32", shape: [2, 3], bytes: 24 },
      { name: "layer.bias", dtype: "BF16", shape: [], bytes: 2 },
    ],
  });
});

test("how much of a file must be read is known from its first bytes", () => {
  const bytes = file(HEADER, 26);
  expect(safetensorsHeaderEnd(bytes.subarray(0, 8))).toBe(bytes.length - 26);
});

test("what is no such file is refused", () => {
  const huge = new Uint8Array(16);
  new DataView(huge.buffer).setBigUint64(0, BigInt(MAX_HEADER_BYTES) + 1n, true);
  expect(() => parseSafetensors(huge)).toThrow("too large");
  expect(() => parseSafetensors(new Uint8Array(3))).toThrow("too short");
  expect(() => parseSafetensors(file(HEADER).subarray(0, 20))).toThrow("ends within");
  expect(() => parseSafetensors(file({ weight: { dtype: 1 } }))).toThrow("weight");
  expect(() => parseSafetensors(file(null))).toThrow("not an object");
});
