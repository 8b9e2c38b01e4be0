// Fails the build when a part of it has outgrown its budget: what everybody waits for, and what only some pages load.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const KIB = 1024;
// Of Monaco 1.05 MB.
const BUDGETS = { "workspace-page-": 120, "monaco-": 1025, "uPlot.min-": 30 };
const INITIAL_BUDGET = 230;

const gzipped = (name) => gzipSync(readFileSync(join("dist/assets", name))).length;
const check = (title, names, budget) => {
  const kib = names.reduce((sum, name) => sum + gzipped(name), 0) / KIB;
  if (names.length > 0 && kib <= budget) return;
  console.error(`${title}: ${Math.round(kib)} KiB gzipped, budget ${budget} KiB`);
  process.exitCode = 1;
};

const scripts = readdirSync("dist/assets").filter((name) => name.endsWith(".js"));
for (const [prefix, budget] of Object.entries(BUDGETS)) {
  const names = scripts.filter((name) => name.startsWith(prefix));
  check(`${prefix}*.js`, names, budget);
}
// Vite names in index.html the entry and everything that it imports.
const initial = readFileSync("dist/index.html", "utf8").matchAll(/assets\/([^"]+\.js)"/g);
check(
  "initial scripts",
  [...initial].map(([, name]) => name),
  INITIAL_BUDGET,
);
