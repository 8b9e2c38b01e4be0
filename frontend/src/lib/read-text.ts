/** The text of a file that the user has chosen; rejects when it cannot be read. */
export function readText(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error("The file cannot be read."));
    reader.readAsText(file);
  });
}
