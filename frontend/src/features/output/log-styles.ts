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
    "--log-mark": "#ffdf5d",
    ...palette(LIGHT),
    ...theme.applyStyles("dark", {
      "--log-background": "#0d1117",
      "--log-foreground": "#e6edf3",
      "--log-error": "#ffb3ad",
      "--log-note": "#9aa4af",
      "--log-match": "#2b2410",
      "--log-found": "#453a17",
      "--log-mark": "#5c4a00",
      ...palette(DARK),
    }),
    background: "var(--log-background)",
    color: "var(--log-foreground)",
    "& .log-rows": { position: "absolute", left: 0, minWidth: "100%", width: "max-content" },
    "& .log-row": { display: "flex", minHeight: 20 },
    "& .log-number": {
      flex: "none",
      width: "8ch",
      pr: 1,
      textAlign: "right",
      color: "var(--log-note)",
      userSelect: "none",
      cursor: "pointer",
      "&:hover": { textDecoration: "underline" },
      "&::before": { content: "attr(data-number)" },
    },
    // As wide as what is seen, and in sight however far the lines are scrolled to the side; no part of a copied text.
    "& .log-shown": {
      boxSizing: "border-box",
      position: "sticky",
      left: 0,
      width: "calc(var(--log-columns) + 10ch)",
      overflowX: "auto",
      pl: "10ch",
      py: 1,
      userSelect: "none",
    },
    "& .log-text": { whiteSpace: "pre", pr: 2 },
    // Standard error is told by a sign in the margin, which is read aloud and not copied, and not by its colour alone.
    "& .log-mark": {
      flex: "none",
      width: "2ch",
      userSelect: "none",
      color: "var(--log-error)",
      fontWeight: 700,
    },
    "& .log-mark-stderr::before": { content: '"!" / "standard error: "' },
    "& .log-stderr": { color: "var(--log-error)" },
    "& mark": { color: "inherit", backgroundColor: "var(--log-mark)", borderRadius: "2px" },
    "& .log-match": { backgroundColor: "var(--log-match)" },
    "& .log-found": { backgroundColor: "var(--log-found)" },
    "& .log-system": { color: "var(--log-note)", fontStyle: "italic" },
    // Broken after a fixed number of characters, as RowIndex counts them.
    "&.log-wrap .log-rows": { width: "100%" },
    "&.log-wrap .log-text": {
      whiteSpace: "break-spaces",
      wordBreak: "break-all",
      lineBreak: "anywhere",
      width: "var(--log-columns)",
      pr: 0,
    },
    "&:focus-visible": { outline: "2px solid", outlineColor: "primary.main", outlineOffset: -2 },
  };
}
