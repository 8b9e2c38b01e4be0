import type { SystemStyleObject, Theme } from "@mui/system";

const LIGHT = [
  "#24292f", "#b3212c", "#116329", "#7d4e00", "#0550ae", "#8250df", "#0f6674", "#57606a",
  "#57606a", "#a40e26", "#1a6b2f", "#6a4300", "#0a58b9", "#7a3fd1", "#14606c", "#24292f",
]; // prettier-ignore
const DARK = [
  "#8b949e", "#ff8b80", "#6fdd8b", "#e3b341", "#85c1ff", "#d8b4ff", "#66d9e8", "#d0d7de",
  "#8b949e", "#ffa198", "#7ee79a", "#f2cc60", "#a5d3ff", "#e2c5ff", "#8be9f5", "#f0f6fc",
]; // prettier-ignore

function palette(colors: readonly string[]): Record<string, string> {
  return Object.fromEntries(colors.map((color, index) => [`--ansi-${index}`, color]));
}

/** Both palettes keep a contrast of 4.5 to 1 with their background. */
export function logStyles(theme: Theme): SystemStyleObject<Theme> {
  return {
    position: "absolute",
    inset: 0,
    overflow: "auto",
    overflowAnchor: "none",
    fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
    fontSize: 13,
    lineHeight: "20px",
    "--log-background": "#ffffff",
    "--log-foreground": "#1f2328",
    "--log-error": "#a40e26",
    "--log-note": "#57606a",
    "--log-match": "#fff8db",
    "--log-found": "#ffefb0",
    ...palette(LIGHT),
    ...theme.applyStyles("dark", {
      "--log-background": "#0d1117",
      "--log-foreground": "#e6edf3",
      "--log-error": "#ffb3ad",
      "--log-note": "#9aa4af",
      "--log-match": "#2b2410",
      "--log-found": "#453a17",
      ...palette(DARK),
    }),
    background: "var(--log-background)",
    color: "var(--log-foreground)",
    "& .log-row": { position: "absolute", top: 0, left: 0, minWidth: "100%", display: "flex" },
    "& .log-number": {
      flex: "none",
      width: "7ch",
      pr: 1.5,
      textAlign: "right",
      color: "var(--log-note)",
      userSelect: "none",
      "&::before": { content: "attr(data-number)" },
    },
    "& .log-text": { whiteSpace: "pre", pr: 2 },
    "& .log-stderr": { color: "var(--log-error)", boxShadow: "-4px 0 0 -2px var(--log-error)" },
    "& .log-match": { backgroundColor: "var(--log-match)" },
    "& .log-found": { backgroundColor: "var(--log-found)" },
    "& .log-system": { color: "var(--log-note)", fontStyle: "italic" },
    "&.log-wrap .log-row": { right: 0 },
    "&.log-wrap .log-text": { whiteSpace: "pre-wrap", overflowWrap: "anywhere", minWidth: 0 },
    "&:focus-visible": { outline: "2px solid", outlineColor: "primary.main", outlineOffset: -2 },
  };
}
