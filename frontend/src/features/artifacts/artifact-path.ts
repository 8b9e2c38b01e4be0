/** The path below /api/v1 of one artifact; every part of its name is escaped, the slashes are not. */
export function artifactPath(runId: string, path: string): string {
  return `/runs/${runId}/artifacts/${path.split("/").map(encodeURIComponent).join("/")}`;
}
