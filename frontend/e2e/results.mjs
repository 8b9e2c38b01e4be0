// What the pages about the results of runs promise.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { ask, download, goTo, inBrowser, PASSWORD, ranProgram, register } from "./browser.mjs";

const LONG_MS = 180_000;

const trains = (rate) => `
import sys
import byteme
rate = float(sys.argv[2])
print("rate is", rate)
for step in range(20):
    byteme.log(step=step, loss=1 / (1 + rate * step))
print(${rate})
`;

export async function runs_are_compared_side_by_side(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    const first = await ranProgram(page, trains("'first'"), { args: ["--rate", "0.5"] });
    const second = await ranProgram(page, trains("'second'"), { args: ["--rate", "2.5"] });
    await goTo(page, "/runs");
    for (const id of [second, first])
      await page.getByRole("checkbox", { name: `Select main.py ${id.slice(0, 12)}` }).check();
    await page.getByRole("button", { name: "Compare (2)" }).click();
    const table = page.getByRole("table", { name: "Compared runs" });
    await table.getByRole("row", { name: /^rate / }).waitFor();
    await table.getByRole("row", { name: /^entry point / }).waitFor();
    await page.getByRole("switch", { name: "Diff only" }).check();
    await table.getByRole("row", { name: /^entry point / }).waitFor({ state: "detached" });
    const rates = await table
      .getByRole("row", { name: /^rate / })
      .getByRole("cell")
      .allInnerTexts();
    assert.deepEqual(rates.map((text) => text.replace(" *", "")).sort(), ["0.5", "2.5"]);
    await table.getByRole("row", { name: /^loss / }).waitFor();
    const chart = page.getByRole("img", { name: /^loss of main\.py .*, main\.py .* over 20 steps$/ });
    await chart.waitFor();
    await page.getByRole("group", { name: "Runs in the charts" }).getByRole("button").first().click();
    await page.getByRole("img", { name: /^loss of main\.py \S+ over 20 steps$/ }).waitFor();
    const code = page.getByRole("region", { name: "Code" });
    await code.locator(".line-insert").first().waitFor();
    await code.locator(".view-line").filter({ hasText: "first" }).first().waitFor();
    await code.locator(".view-line").filter({ hasText: "second" }).first().waitFor();
  });
}

const HUNGRY = `
block = bytearray(300 << 20)
for at in range(0, len(block), 4096):
    block[at] = 1
print("held it all")
`;

export async function a_run_that_was_short_of_memory_gets_more_by_a_button(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    const id = await ranProgram(page, HUNGRY, { limits: { memory_mb: 256 } });
    await goTo(page, `/runs/${id}`);
    await page.getByRole("alert").getByText("Out of memory").waitFor();
    await page.getByRole("button", { name: "Raise memory to 512 MB and run again" }).click();
    await page.waitForURL((to) => !to.pathname.endsWith(id));
    const again = page.getByText(/^(Succeeded|Failed)$/).first();
    await again.waitFor({ timeout: LONG_MS });
    assert.equal(await again.innerText(), "Succeeded");
    await page.getByRole("tab", { name: "Output" }).click();
    await page.getByRole("log").getByText("held it all").waitFor();
  });
}

const SEEDED = `
import random, sys
random.seed(int(sys.argv[2]))
print("drawn", random.random())
`;

export async function a_record_that_goes_out_and_comes_in_gives_the_same(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    const id = await ranProgram(page, SEEDED, { args: ["--seed", "11"] });
    await goTo(page, `/runs/${id}?tab=output`);
    const drawn = page.getByRole("log").getByText(/^drawn /);
    const before = await drawn.innerText();
    const record = await download(page, page.getByRole("button", { name: "Export record" }));
    assert.deepEqual(JSON.parse(readFileSync(record, "utf8")).seeds, { seed: "11" });
    await page.getByRole("link", { name: "Runs" }).click();
    await page.getByRole("button", { name: "Import record" }).click();
    const dialog = page.getByRole("dialog", { name: "Import a record" });
    await dialog.getByLabel("Record file").setInputFiles({
      name: "run.record.json",
      mimeType: "application/json",
      buffer: readFileSync(record),
    });
    await dialog.getByRole("button", { name: "Import" }).click();
    await page.waitForURL((to) => /^\/runs\/[0-9a-f]{32}$/.test(to.pathname) && !to.pathname.endsWith(id));
    await page.getByText("Succeeded", { exact: true }).first().waitFor({ timeout: LONG_MS });
    await page.getByRole("tab", { name: "Output" }).click();
    assert.equal(await drawn.innerText(), before);
  });
}

const LEAVES = `
import pathlib
print("for everybody")
pathlib.Path("outputs/report.json").write_text('{"accuracy": 0.9}')
`;

export async function a_link_shows_a_run_to_another_account_until_it_is_revoked(url) {
  await inBrowser(url, async (page) => {
    const owner = await register(page);
    const id = await ranProgram(page, LEAVES, { env: { HIDDEN: "sesame-open" } });
    await ask(page, "PATCH", `/runs/${id}`, { note: "a private thought" });
    await goTo(page, `/runs/${id}`);
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("button", { name: "Make a link" }).click();
    const link = await page.getByLabel("Link", { exact: true }).inputValue();
    await page.getByRole("button", { name: "Close" }).click();

    await signOut(page, url);
    await register(page);
    await page.goto(link);
    await page.getByRole("log").getByText("for everybody").waitFor();
    await page.getByRole("tab", { name: "Artifacts 1" }).click();
    await page.getByRole("button", { name: "Preview report.json" }).click();
    await page.getByRole("dialog", { name: "report.json" }).getByText('"accuracy": 0.9').waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    const file = await download(page, page.getByRole("button", { name: "Download report.json" }));
    assert.equal(readFileSync(file, "utf8"), '{"accuracy": 0.9}');
    const all = await page.locator("body").innerText();
    assert.ok(!/sesame|private thought|HIDDEN/.test(all), "what its owner keeps to himself");
    for (const name of ["Re-run", "Share", "Export record", "Save"])
      assert.equal(await page.getByRole("button", { name }).count(), 0, name);
    await goTo(page, `/runs/${id}`);
    await page.getByRole("alert").waitFor();

    await signOut(page, url);
    await signIn(page, owner);
    await goTo(page, `/runs/${id}`);
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("button", { name: "Revoke the link" }).click();
    await page.getByRole("button", { name: "Revoke the link" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Close" }).click();
    await page.goto(link);
    await page
      .getByRole("alert")
      .getByText(/leads nowhere/)
      .waitFor();
  });
}

/** Afterwards nobody is sent back to where the one before was. */
async function signOut(page, url) {
  await page.getByRole("button", { name: "Account and appearance" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("tab", { name: "Register" }).waitFor();
  await page.goto(url);
}

async function signIn(page, email) {
  await page.getByRole("tab", { name: "Sign in" }).click();
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Account and appearance" }).waitFor();
}

export async function runs_are_starred_tagged_found_and_deleted_with_a_way_back(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    const kept = (await ranProgram(page, "print(1)")).slice(0, 12);
    const other = (await ranProgram(page, "print(2)")).slice(0, 12);
    await goTo(page, "/runs");
    await page.getByRole("button", { name: `Star main.py ${kept}`, exact: true }).click();
    await page.getByRole("button", { name: `Star main.py ${kept}`, pressed: true }).waitFor();
    await page.getByRole("button", { name: `Tags and note of main.py ${kept}` }).click();
    await page.getByRole("textbox", { name: "Tags" }).fill("best, baseline");
    await page.getByRole("textbox", { name: "Note" }).fill("as good as it gets");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Show runs tagged baseline" }).click();
    const row = (id) => page.getByRole("link", { name: "main.py" }).locator("..").filter({ hasText: id });
    await row(other).waitFor({ state: "detached" });
    await row(kept).waitFor();
    await page.goBack();
    await goTo(page, "/runs");
    await page.getByLabel("Search").fill("good as it");
    await row(other).waitFor({ state: "detached" });
    await page.getByLabel("Search").fill("");
    await row(other).waitFor();
    await page.getByRole("checkbox", { name: `Select main.py ${other}` }).check();
    await page.getByRole("button", { name: "Delete (1)" }).click();
    await row(other).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await row(other).waitFor();
    await page.getByRole("checkbox", { name: `Select main.py ${other}` }).check();
    await page.getByRole("button", { name: "Delete (1)" }).click();
    await page.getByText("Deleted 1 run").waitFor({ state: "detached" });
    await page.reload();
    await row(kept).waitFor();
    assert.equal(await row(other).count(), 0);
  });
}
