/** "sessionStorage" belongs to one tab and ends with it. */
type StorageArea = "localStorage" | "sessionStorage";

/** Browser storage that may be full, blocked or hold foreign data: reads fall back, writes report success. */
export function readStored(key: string, area: StorageArea = "localStorage"): string | null {
  try {
    return window[area].getItem(key);
  } catch {
    return null;
  }
}

/** Stores the value, or removes it when null; false when the browser refused. */
export function writeStored(key: string, value: string | null, area: StorageArea = "localStorage"): boolean {
  try {
    if (value === null) window[area].removeItem(key);
    else window[area].setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

export function readStoredJson(key: string, area: StorageArea = "localStorage"): unknown {
  const text = readStored(key, area);
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** The names of what is in localStorage. */
export function storedKeys(): string[] {
  try {
    return Object.keys(window.localStorage);
  } catch {
    return [];
  }
}
