/** Starts a plain browser download: streamed to disk by the browser, resumable, never held in the page's memory. */
export function saveFrom(url: string, filename: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  document.body.append(link);
  link.click();
  link.remove();
}

/** Saves a value that the page has as a file of JSON. */
export function saveJson(value: unknown, filename: string): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: "application/json" }));
  saveFrom(url, filename);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
