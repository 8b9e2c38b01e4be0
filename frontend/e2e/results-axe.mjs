// That everybody can use the pages about the results of runs.
import assert from "node:assert/strict";

import { ask, breaches, goTo, inBrowser, ranProgram, register } from "./browser.mjs";

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 800 };

const ALL_KINDS = `
import json, pathlib, struct
import byteme
print("all kinds")
out = pathlib.Path("outputs")
for step in range(5):
    byteme.log(step=step, loss=1 / (step + 1))
(out / "table.csv").write_text("name,score\\nana,1\\nbob,2\\n")
(out / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' width='80' height='40'/>")
header = json.dumps({"weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}).encode()
(out / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(16))
`;

/** What reaches beyond the right edge of the page, so that it scrolls sideways. */
async function stickingOut(page, width) {
  return page.evaluate((edge) => {
    if (document.documentElement.scrollWidth <= edge) return [];
    const beyond = [...document.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > edge,
    );
    return beyond.map((element) => element.outerHTML.slice(0, 150));
  }, width);
}

/** Looks at what is on the screen in light, in dark and on a phone; `found` gets the breaches of each by name. */
async function look(page, found, name) {
  for (const [colorScheme, size] of [
    ["dark", WIDE],
    ["light", WIDE],
    ["light", NARROW],
  ]) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.locator(`html.${colorScheme}`).waitFor();
    if (await page.locator(".monaco-editor").first().isVisible())
      await page
        .locator(colorScheme === "dark" ? ".monaco-editor.vs-dark" : ".monaco-editor.vs")
        .first()
        .waitFor();
    const list = await breaches(page);
    if (list.length > 0) found[`${name}, ${colorScheme}, ${size.width}`] = list;
    assert.deepEqual(await stickingOut(page, size.width), [], `of ${name} at ${size.width}`);
  }
}

export async function everybody_can_use_the_pages_of_runs(url) {
  await inBrowser(url, async (page) => {
    const found = {};
    await register(page);
    await goTo(page, "/runs");
    await page.getByRole("heading", { name: "No runs yet" }).waitFor();
    await look(page, found, "no runs");
    const first = await ranProgram(page, ALL_KINDS, { args: ["--rate", "1"] });
    const failed = await ranProgram(page, "import nothing_like_that");
    await ask(page, "PATCH", `/runs/${first}`, { tags: ["best"], note: "A note.", starred: true });
    await page.reload();
    await page.getByRole("link", { name: "main.py" }).first().waitFor();
    await page.getByRole("checkbox").first().check();
    await look(page, found, "runs");
    await goTo(page, `/runs/${failed}`);
    await page.getByRole("alert").getByText("The program failed").waitFor();
    await look(page, found, "overview");
    for (const [tab, there] of [
      ["output", page.getByRole("log").getByText("all kinds")],
      ["metrics", page.getByRole("img", { name: /^Chart of loss/ })],
      ["artifacts", page.getByRole("button", { name: "Preview table.csv" })],
      ["code", page.locator(".monaco-editor .view-line").first()],
    ]) {
      await goTo(page, `/runs/${first}?tab=${tab}`);
      await there.waitFor();
      await look(page, found, tab);
    }
    assert.deepEqual(found, {});
  });
}

export async function everybody_can_use_previews_links_and_comparisons(url) {
  await inBrowser(url, async (page) => {
    const found = {};
    await register(page);
    const first = await ranProgram(page, ALL_KINDS, { args: ["--rate", "1"] });
    const second = await ranProgram(page, ALL_KINDS.replace("all kinds", "other kinds"));
    const { url: link } = await ask(page, "POST", `/runs/${first}/share`);
    await goTo(page, `/runs/${first}?tab=artifacts`);
    for (const [path, there] of [
      ["table.csv", page.getByRole("cell", { name: "bob" })],
      ["model.safetensors", page.getByRole("cell", { name: "2 × 2" })],
      ["drawing.svg", page.getByRole("img", { name: "drawing.svg" })],
    ]) {
      await page.getByRole("button", { name: `Preview ${path}` }).click();
      await there.waitFor();
      await look(page, found, path);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("dialog", { name: "Share this run" }).waitFor();
    await look(page, found, "share");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await goTo(page, `/runs/compare?ids=${first},${second}`);
    await page.getByRole("img", { name: /^loss of / }).waitFor();
    await page.locator(".monaco-diff-editor .line-insert").first().waitFor();
    await look(page, found, "compare");
    await goTo(page, link);
    await page.getByRole("log").getByText("all kinds").waitFor();
    await look(page, found, "shared");
    assert.deepEqual(found, {});
  });
}
