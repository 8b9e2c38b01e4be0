import { useEffect, useState } from "react";

import { errorText } from "../../api/problem";
import type { Artifact } from "../../api/types";
import { useBytes, type FetchBytes } from "../../api/use-bytes";
import { parseCsv, type Table } from "../../lib/csv";
import { readOnnx, type OnnxModel } from "../../lib/onnx";
import { parseSafetensors, safetensorsHeaderEnd, type SafetensorsHeader } from "../../lib/safetensors";
import { artifactPath, imageType, previewKind, type PreviewKind } from "./artifact-path";

export const TEXT_BYTES = 256 << 10;
const IMAGE_BYTES = 32 << 20;
const TABLE_ROWS = 100;

export type Preview =
  | { kind: "loading" }
  | { kind: "failed"; why: string }
  | { kind: "image"; url: string }
  | { kind: "text"; text: string; cut: boolean }
  | { kind: "csv"; table: Table }
  | { kind: "safetensors"; header: SafetensorsHeader }
  | { kind: "onnx"; model: OnnxModel };

/** What an artifact shows of itself. No more of it is fetched than that takes, and it never becomes a page of ours. */
export function usePreview(base: string, artifact: Artifact): Preview {
  const fetchBytes = useBytes();
  const [preview, setPreview] = useState<Preview>({ kind: "loading" });
  useEffect(() => {
    let isWanted = true;
    let url: string | null = null;
    load(fetchBytes, base, artifact).then(
      (loaded) => {
        if (loaded.kind === "image") url = loaded.url;
        if (isWanted) setPreview(loaded);
        else if (url) URL.revokeObjectURL(url);
      },
      (error: unknown) => {
        if (isWanted) setPreview({ kind: "failed", why: errorText(error) });
      },
    );
    return () => {
      isWanted = false;
      if (url) URL.revokeObjectURL(url);
    };
  }, [fetchBytes, base, artifact]);
  return preview;
}

async function load(fetchBytes: FetchBytes, base: string, artifact: Artifact): Promise<Preview> {
  const kind = previewKind(artifact);
  const path = artifactPath(base, artifact.path);
  const read = async (start: number, end: number): Promise<Uint8Array<ArrayBuffer>> =>
    end > start ? (await fetchBytes(path, start, end)).bytes : new Uint8Array();
  switch (kind) {
    case "image":
      return loadImage(read, artifact);
    case "safetensors": {
      const length = safetensorsHeaderEnd(await read(0, Math.min(8, artifact.bytes)));
      return { kind, header: parseSafetensors(await read(0, Math.min(length, artifact.bytes))) };
    }
    case "onnx":
      return { kind, model: await readOnnx(read, artifact.bytes) };
    default: {
      const bytes = await read(0, Math.min(artifact.bytes, TEXT_BYTES));
      return textPreview(kind, new TextDecoder().decode(bytes), artifact.bytes > bytes.length);
    }
  }
}

async function loadImage(
  read: (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>,
  { path, bytes }: Artifact,
): Promise<Preview> {
  if (bytes > IMAGE_BYTES) return { kind: "failed", why: "The image is too large to be shown: download it." };
  const blob = new Blob([await read(0, bytes)], { type: imageType(path) });
  return { kind: "image", url: URL.createObjectURL(blob) };
}

/** JSON is set out in lines where all of it is there and makes sense. */
function textPreview(kind: PreviewKind | null, text: string, cut: boolean): Preview {
  if (kind === "csv") return { kind, table: parseCsv(text, TABLE_ROWS, !cut) };
  if (kind === "json" && !cut) {
    try {
      return { kind: "text", text: JSON.stringify(JSON.parse(text), null, 2), cut };
    } catch {
      // Shown as it is.
    }
  }
  return { kind: "text", text, cut };
}
