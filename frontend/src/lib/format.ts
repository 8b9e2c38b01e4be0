const KIB = 1024;

/** 1536 -> "1.5 KiB". */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= KIB && unit < units.length - 1) {
    value /= KIB;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? ""}`;
}

/** Mebibytes as people name them: 512 -> "512 MiB", 4096 -> "4 GiB". */
export function formatMemory(mebibytes: number): string {
  return mebibytes >= KIB ? `${trimZero(mebibytes / KIB)} GiB` : `${trimZero(mebibytes)} MiB`;
}

/** 272 s -> "04:32", 3725 s -> "1:02:05". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const clock = `${pad(minutes)}:${pad(whole % 60)}`;
  return hours > 0 ? `${hours}:${clock}` : clock;
}

/** Seconds as they matter: 0.04 -> "40 ms", 4.21 -> "4.2 s", 280 -> "4 min 40 s". */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A time limit in the largest whole unit: 600 s -> "10 min". */
export function formatTimeLimit(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}

/** How long ago `then` was, in words: "just now", "5 min ago", or the date when it is long past. */
export function formatAgo(then: string, now: number): string {
  const seconds = (now - Date.parse(then)) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(then).toLocaleDateString();
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function trimZero(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
