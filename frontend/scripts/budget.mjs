// Fails the build when a part of it has outgrown its budget: what everybody waits for, and what only the workspace loads.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const KIB = 1024;
const BUDGETS = { "index-": 230, "workspace-page-": 120, "monaco-editor-": 1080, "chart-": 30 };

const scripts = readdirSync("dist/assets").filter((name) => name.endsWith(".js"));
for (const [prefix, budget] of Object.entries(BUDGETS)) {
  const names = scripts.filter((name) => name.startsWith(prefix));
  const bytes = names.reduce(
    (sum, name) => sum + gzipSync(readFileSync(join("dist/assets", name))).length,
    0,
  );
  if (names.length === 0 || bytes > budget * KIB) {
    console.error(`${prefix}*.js: ${Math.round(bytes / KIB)} KiB gzipped, budget ${budget} KiB`);
    process.exitCode = 1;
  }
}
