/** Starts a plain browser download: streamed to disk by the browser, resumable, never held in the page's memory. */
export function saveFrom(url: string, filename: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  document.body.append(link);
  link.click();
  link.remove();
}
