import type { Artifact } from "../../api/types";

/** The path below /api/v1 of one artifact of the run at `base`; every part of its name is escaped, the slashes are not. */
export function artifactPath(base: string, path: string): string {
  return `${base}/artifacts/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** What the chosen ones' paths add to the URL of the zip. */
export function chosenQuery(paths: Iterable<string>): string {
  return [...paths].map((path) => `&path=${encodeURIComponent(path)}`).join("");
}

export type PreviewKind = "image" | "json" | "csv" | "text" | "safetensors" | "onnx";

const KINDS: [RegExp, PreviewKind][] = [
  [/\.(png|jpe?g|gif|webp|svg|bmp)$/i, "image"],
  [/\.(json|geojson|ipynb)$/i, "json"],
  [/\.(csv|tsv)$/i, "csv"],
  [/\.safetensors$/i, "safetensors"],
  [/\.onnx$/i, "onnx"],
  [/\.(txt|log|md|py|ya?ml|toml|ini|cfg|html?|xml|css|js|ts|sh|jsonl|ndjson|rst|tex|sql)$/i, "text"],
];

/** How an artifact can be looked at; null when it can only be downloaded. */
export function previewKind({ path, media_type: type }: Artifact): PreviewKind | null {
  const byName = KINDS.find(([pattern]) => pattern.test(path))?.[1];
  return byName ?? (type.startsWith("text/") ? "text" : null);
}

const IMAGE_TYPES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  bmp: "image/bmp",
  svg: "image/svg+xml",
};

/** The type by which a browser draws it; from the name, because the server calls what it does not trust just bytes. */
export function imageType(path: string): string {
  return IMAGE_TYPES[path.split(".").at(-1)?.toLowerCase() ?? ""] ?? "application/octet-stream";
}
