// node run.mjs PROMISE URL - exits with 0 if the promise is kept, else says why and exits with 1.
import * as general from "./promises.mjs";
import * as workspace from "./workspace.mjs";

const promises = { ...general, ...workspace };

const [name, url] = process.argv.slice(2);
const promise = promises[name];
if (!promise || !url) {
  console.error(`usage: node run.mjs PROMISE URL\npromises: ${Object.keys(promises).join(", ")}`);
  process.exit(2);
}
await promise(url);
