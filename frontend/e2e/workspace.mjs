// What the workspace promises in a browser: nothing typed is lost, files are kept in order, and the keyboard is enough.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { breaches, ended, inBrowser, register, run, writeProgram } from "./browser.mjs";

const saved = (page) => page.locator('footer [data-save="saved"]', { hasText: /^Saved \d\d:\d\d:\d\d$/ });
const line = (page, name) => page.getByRole("treeitem", { name });
const text = (page, part) => page.locator(".view-line").filter({ hasText: part }).first();

/** The middle of a word in the editor. */
function placeOf(page, word) {
  return page.evaluate((wanted) => {
    const texts = document.createTreeWalker(document.querySelector(".view-lines"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode() && !texts.currentNode.data.includes(wanted));
    const range = document.createRange();
    const from = texts.currentNode.data.indexOf(wanted);
    range.setStart(texts.currentNode, from);
    range.setEnd(texts.currentNode, from + wanted.length);
    const box = range.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }, word);
}

async function make(page, path, code) {
  await page.getByRole("button", { name: "New file" }).click();
  await page.getByRole("dialog", { name: "New file" }).getByLabel("Path").fill(path);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("tabpanel", { name: path }).waitFor();
  if (code) await writeProgram(page, code);
}

/** Says "saved" once the first text is, and "offline" once the second is kept: whoever started this kills the server in between, then starts it again. */
export async function autosave_survives_a_killed_server_and_a_reload(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, "first = True\n");
    await saved(page).waitFor();
    console.log("in the middle");
    await page.getByText(/Connection lost/).waitFor();
    await writeProgram(page, "second = True\n");
    await page.getByText("Offline: kept in this browser").waitFor();
    await page.goto("about:blank");
    console.log("lost");
    // The server comes back in its own time.
    while (!(await page.goto(url).catch(() => null))) await page.waitForTimeout(250);
    await text(page, "second").waitFor();
    await saved(page).waitFor();
    await page.evaluate(() => localStorage.removeItem("byteme.last-project"));
    await page.reload();
    await text(page, "second").waitFor();
    const copies = await page.evaluate(() =>
      Object.keys(localStorage).filter((key) => key.startsWith("byteme.copy.")),
    );
    assert.deepEqual(copies, [], "what the server has is not kept here as well");
  });
}

export async function a_conflict_between_two_tabs_is_offered_and_loses_nothing(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, "start = 0\n");
    await saved(page).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await text(other, "start").waitFor();
    // Without edits of its own a tab follows the other one.
    await writeProgram(other, "followed = 1\n");
    await saved(other).waitFor();
    await text(page, "followed").waitFor();
    // Both edit the same file before either has heard of the other.
    await other.route("**/api/v1/projects/**", (route) => route.abort());
    await writeProgram(other, "mine = 2\n");
    await other.getByText("Offline: kept in this browser").waitFor();
    await writeProgram(page, "theirs = 3\n");
    await saved(page).waitFor();
    await other.unroute("**/api/v1/projects/**");
    const dialog = other.getByRole("dialog", { name: "Changed here and elsewhere" });
    await dialog.waitFor();
    await dialog.getByRole("button", { name: "Compare" }).click();
    await dialog.locator(".view-line").filter({ hasText: "mine" }).first().waitFor();
    await dialog.locator(".view-line").filter({ hasText: "theirs" }).first().waitFor();
    assert.deepEqual(await breaches(other), []);
    await dialog.getByRole("button", { name: "Reload theirs" }).click();
    await text(other, "theirs").waitFor();
    await other.getByRole("button", { name: "Undo" }).click();
    await text(other, "mine").waitFor();
    await saved(other).waitFor();
    await text(page, "mine").waitFor();
  });
}

export async function files_are_made_moved_deleted_and_brought_back(url) {
  const folder = mkdtempSync(join(tmpdir(), "byteme-upload-"));
  try {
    mkdirSync(join(folder, "proj", "inner"), { recursive: true });
    writeFileSync(join(folder, "proj", "inner", "a.py"), "a = 1\n");
    writeFileSync(join(folder, "proj", "weights.bin"), Buffer.from([0, 255, 254, 128]));
    await inBrowser(url, async (page) => {
      await register(page);
      const files = page.getByRole("region", { name: "Files", exact: true });
      await make(page, "src/net.py", "net = 1\n");
      // By the keyboard: rename, move, delete and undo.
      await line(page, "net.py").focus();
      await page.keyboard.press("F2");
      await page.getByRole("dialog", { name: "Rename src/net.py" }).getByLabel("Path").fill("src/model.py");
      await page.keyboard.press("Enter");
      await line(page, "model.py").click({ button: "right" });
      await page.getByRole("menuitem", { name: "Move to…" }).click();
      await page.getByRole("button", { name: "The top of the project" }).click();
      await line(page, "src").waitFor({ state: "detached" });
      await line(page, "model.py").focus();
      await page.keyboard.press("Delete");
      await line(page, "model.py").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Undo" }).click();
      await line(page, "model.py").waitFor();
      // By the mouse: into a new folder.
      await page.getByRole("button", { name: "New folder" }).click();
      await page.getByRole("dialog", { name: "New folder" }).getByLabel("Path").fill("lib");
      await page.keyboard.press("Enter");
      await line(page, "model.py").dragTo(line(page, "lib"));
      await page.locator('[data-path="lib/model.py"]').waitFor();
      // A whole folder from the computer; what is not text is refused by name.
      const [chooser] = await Promise.all([
        page.waitForEvent("filechooser"),
        page.getByRole("button", { name: "Add a folder" }).click(),
      ]);
      await chooser.setFiles(join(folder, "proj"));
      await page.locator('[data-path="proj/inner/a.py"]').waitFor();
      await page.getByText(/proj\/weights\.bin is not text: upload it as a dataset/).waitFor();
      await saved(page).waitFor();
      assert.deepEqual(await breaches(page), []);
      await page.reload();
      await page.locator('[data-path="proj/inner/a.py"]').click();
      await text(page, "a = 1").waitFor();
      assert.equal(await files.getByRole("treeitem").count(), 6);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lets go of files and folders of this computer over a place in the page, as a hand with a mouse does. */
async function dropFromDesktop(page, target, paths) {
  const { x, y, width, height } = await target.boundingBox();
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await session.send("Input.dispatchDragEvent", { type, x: x + width / 2, y: y + height - 20, data });
  }
  await session.detach();
}

const MANY_FILES = 120; // the browser tells of a folder's content a hundred at a time

export async function a_folder_dropped_from_the_desktop_is_taken_with_all_that_is_in_it(url) {
  const folder = mkdtempSync(join(tmpdir(), "byteme-drop-"));
  try {
    mkdirSync(join(folder, "proj", "inner", "deep"), { recursive: true });
    mkdirSync(join(folder, "proj", "many"));
    writeFileSync(join(folder, "proj", "inner", "deep", "a.py"), "a = 'from the desktop'\n");
    writeFileSync(join(folder, "proj", "inner", "weights.bin"), Buffer.from([0, 255, 254, 128]));
    writeFileSync(join(folder, "beside.py"), "beside = 1\n");
    for (let number = 0; number < MANY_FILES; number++)
      writeFileSync(join(folder, "proj", "many", `n${number}.py`), `${number}\n`);
    await inBrowser(url, async (page) => {
      await register(page);
      const tree = page.getByRole("region", { name: "Files", exact: true }).getByRole("tree");
      await dropFromDesktop(page, tree, [join(folder, "proj"), join(folder, "beside.py")]);
      await page.locator('[data-path="proj/inner/deep/a.py"]').waitFor();
      await page.locator('[data-path="beside.py"]').waitFor();
      assert.equal(await page.locator('[data-path^="proj/many/"]').count(), MANY_FILES);
      await page.getByText(/proj\/inner\/weights\.bin is not text/).waitFor();
      await saved(page).waitFor();
      await page.reload();
      await page.locator('[data-path="proj/inner/deep/a.py"]').click();
      await text(page, "from the desktop").waitFor();
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const FAILING = 'def rate(config):\n    return config["rate"]\n';

export async function a_failed_run_marks_the_lines_it_names(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, "import settings\n\nsettings.rate({})\n");
    await make(page, "settings.py", FAILING);
    await run(page);
    await ended(page, "Failed");
    await page.getByRole("tab", { name: "Problems (2)" }).click();
    const list = page.getByRole("region", { name: "Problems" });
    await list.getByText("settings.py, line 2").waitFor();
    await page.locator(".squiggly-error").first().waitFor();
    await list.getByRole("button", { name: /main\.py, line 3/ }).click();
    await page.locator(".line-numbers.active-line-number", { hasText: /^3$/ }).waitFor();
    await page.locator(".squiggly-info").first().waitFor();
    // An edit of the line is what a problem is for.
    await page.keyboard.press("End");
    await page.keyboard.type("  # seen");
    await page.getByRole("tab", { name: "Problems (1)" }).waitFor();
    await page.locator(".squiggly-info").first().waitFor({ state: "detached" });
    await writeProgram(page, "print(\n");
    await run(page);
    await ended(page, "Failed");
    await page.getByRole("tab", { name: "Problems (1)" }).click();
    await list.getByText("main.py, line 1").waitFor();
    await list.getByText(/SyntaxError/).waitFor();
  });
}

export async function everything_is_found_by_keyboard_in_the_palette(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await make(page, "src/other.py", "other = 1\n");
    await page.keyboard.press("ControlOrMeta+p");
    await page.keyboard.type("main");
    assert.deepEqual(await breaches(page), []);
    await page.keyboard.press("Enter");
    await text(page, "Hello").waitFor();
    await page.keyboard.press("ControlOrMeta+Shift+p");
    await page.keyboard.type("show or hide the files");
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Files", exact: true }).waitFor({ state: "detached" });
    await page.keyboard.press("ControlOrMeta+b");
    await page.getByRole("region", { name: "Files", exact: true }).waitFor();
    await page.keyboard.press("ControlOrMeta+Shift+Enter");
    await page
      .getByRole("dialog", { name: "Run with arguments and environment" })
      .getByLabel("Arguments")
      .fill("--epochs 3");
    assert.deepEqual(await breaches(page), []);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await line(page, /^main\.py/).focus();
    // A plain character is no shortcut.
    await page.keyboard.press("?");
    assert.equal(await page.getByRole("dialog").count(), 0);
    await page.keyboard.press("ControlOrMeta+/");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    assert.deepEqual(await breaches(page), []);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("F6");
    await page.waitForFunction(() => document.activeElement.closest('[data-pane="code"]') !== null);
    await page.keyboard.press("F6");
    await page.waitForFunction(() => document.activeElement.closest('[data-pane="output"]') !== null);
  });
}

export async function python_is_completed_without_asking_the_server(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, "import torch.nn as nn\n\nlayer = nn.Linear(2, 1)\n");
    const asked = [];
    page.on("request", (request) => request.url().includes("/api/") && asked.push(request.url()));
    await saved(page).waitFor();
    asked.length = 0;
    await page.keyboard.press("ControlOrMeta+End");
    await page.keyboard.type("nn.Lin");
    const offered = page.locator(".suggest-widget .monaco-list-row");
    await offered.getByText("Linear", { exact: true }).first().waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.keyboard.type("layer.wei");
    await offered
      .filter({ hasText: /^weight/ })
      .first()
      .waitFor();
    await page.keyboard.press("Escape");
    const place = await placeOf(page, "Linear");
    await page.mouse.move(place.x, place.y, { steps: 3 });
    await page
      .locator(".monaco-hover")
      .getByText(/in_features/)
      .first()
      .waitFor();
    assert.ok(
      asked.every((address) => address.includes("/projects/")),
      "completion asks the server for nothing",
    );
  });
}
