// node run.mjs PROMISE URL - exits with 0 if the promise is kept, else says why and exits with 1.
// Every other file here is a room of promises, but for these.
import { readdirSync } from "node:fs";

const TOOLS = new Set(["browser.mjs", "log.mjs", "operator.mjs", "run.mjs", "screenshot.mjs", "tasks.mjs"]);
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".mjs") && !TOOLS.has(name));
const promises = Object.assign({}, ...(await Promise.all(files.map((name) => import(`./${name}`)))));

const [name, url] = process.argv.slice(2);
const promise = promises[name];
if (!promise || !url) {
  console.error(`usage: node run.mjs PROMISE URL\npromises: ${Object.keys(promises).join(", ")}`);
  process.exit(2);
}
await promise(url);
