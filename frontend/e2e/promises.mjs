// What the application promises in a browser. Each is one function of the server's URL, named as the test is.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import {
  breaches,
  download,
  editor,
  ended,
  fetchAs,
  inBrowser,
  outputLine,
  PASSWORD,
  ranProgram,
  register,
  run,
  writeProgram,
} from "./browser.mjs";

const NARROW = { width: 390, height: 800 };

export async function the_sign_in_page_does_not_wait_for_the_workspace(url) {
  await inBrowser(url, async (page) => {
    const loaded = () =>
      page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    await page.getByLabel("Email").waitFor();
    assert.deepEqual(
      (await loaded()).filter((name) => /monaco|workspace|chart/.test(name)),
      [],
    );
    await register(page);
    assert.ok((await loaded()).some((name) => name.includes("monaco-editor")));
  });
}

/** The template's network with what was downloaded in it, and which of the two moons it sees a point of each in. */
const USES_THE_MODEL = `
import os, torch
from torch import nn
state = torch.load(os.path.join(os.environ["BYTEME_INPUT_DIR"], "model.pt"), weights_only=True)
hidden = state["0.weight"].shape[0]
layers = nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2)
model = nn.Sequential(*layers)
model.load_state_dict(state)
print(model(torch.tensor([[0.0, 1.0], [1.0, -0.5]])).argmax(1).tolist())
`;

/** What a program prints that is given a file of these bytes. */
async function printedWith(page, name, bytes, code) {
  const body = new FormData();
  body.append("file", new Blob([bytes]), name);
  const { id } = await (await fetchAs(page, "/datasets", { method: "POST", body })).json();
  const runId = await ranProgram(page, code, { datasets: [{ id, name }] });
  return (await fetchAs(page, `/runs/${runId}/output`)).text();
}

export async function a_newcomer_trains_a_model_and_downloads_it(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await page.getByRole("button", { name: /^Start from a template/ }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^PyTorch MLP/ })
      .click();
    await page.keyboard.press("ControlOrMeta+Enter");
    await page
      .getByRole("log")
      .getByText(/^epoch +1 /)
      .waitFor({ timeout: 180_000 });
    await page
      .getByRole("img", { name: /^Chart of / })
      .first()
      .waitFor();
    await ended(page, "Succeeded");
    const item = page.getByRole("listitem").filter({ hasText: "model.pt" });
    const bytes = readFileSync(await download(page, item.getByRole("button", { name: "Download model.pt" })));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    assert.ok(
      (await item.innerText()).includes(sha256.slice(0, 12)),
      "the checksum on the page is the file's",
    );
    await page.getByRole("img", { name: "Figure 1" }).waitFor();
    assert.equal(await printedWith(page, "model.pt", bytes, USES_THE_MODEL), "[0, 1]\n");
  });
}

const TWO_HALVES = `
for number in range(500):
    print("first", number)
input()
for number in range(500):
    print("second", number)
`;

export async function a_reload_in_the_middle_of_a_run_loses_nothing(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, TWO_HALVES);
    await run(page);
    assert.equal(await outputLine(page, "first 499"), 500);
    await page.reload();
    assert.equal(await outputLine(page, "first 499"), 500);
    await page.locator(".view-line").filter({ hasText: "second" }).first().waitFor();
    await page.getByLabel("Program input").fill("go on");
    await page.keyboard.press("Enter");
    await ended(page, "Succeeded");
    await page.getByRole("log").press("End");
    await outputLine(page, "second 499");
    const raw = await download(page, page.getByRole("button", { name: "Download the raw output" }));
    const half = (name) => Array.from({ length: 500 }, (_, number) => `${name} ${number}\n`).join("");
    assert.equal(readFileSync(raw, "utf8"), half("first") + half("second"));
    await page.reload();
    assert.equal(await outputLine(page, "second 499"), 1000);
  });
}

const STEADY = `
import time
for number in range(200):
    print("tick", number, flush=True)
    time.sleep(0.05)
`;

export async function a_lost_connection_comes_back_without_a_gap_or_a_repeat(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, STEADY);
    await run(page);
    await outputLine(page, "tick 5");
    await page.context().setOffline(true);
    await page.getByText(/Connection lost.*Your run continues/).waitFor();
    await page.context().setOffline(false);
    await page.getByText(/Connection lost/).waitFor({ state: "detached" });
    await ended(page, "Succeeded");
    assert.equal(await outputLine(page, "tick 199"), 200);
  });
}

/** Says "in the middle" once the run is and "lost" once the page says so: whoever started this kills the server, then starts it again. */
export async function a_run_outlives_the_server_it_is_watched_on(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, STEADY);
    await run(page);
    await outputLine(page, "tick 5");
    console.log("in the middle");
    await page.getByText(/Connection lost.*Your run continues/).waitFor();
    console.log("lost");
    await page.getByText(/Connection lost/).waitFor({ state: "detached" });
    await ended(page, "Succeeded");
    assert.equal(await outputLine(page, "tick 199"), 200);
  });
}

export async function stop_ends_a_program_that_never_would(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, 'print("begun", flush=True)\nwhile True:\n    pass\n');
    await run(page);
    await outputLine(page, "begun");
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await ended(page, "Cancelled");
    await page.getByRole("button", { name: "Run", exact: true }).waitFor();
  });
}

export async function a_failure_is_explained_and_leads_to_its_line(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, 'config = {}\n\nprint(config["rate"])\n');
    await run(page);
    await ended(page, "Failed");
    await page.getByRole("alert").getByText("KeyError: 'rate'").waitFor();
    await page.getByRole("button", { name: "Go to line 3" }).click();
    await page.locator(".line-numbers.active-line-number", { hasText: /^3$/ }).waitFor();
  });
}

const HAYSTACK = `
for number in range(5000):
    print("needle" if number in (1233, 4320) else "hay", number)
`;

export async function a_word_is_found_anywhere_in_a_long_output(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, HAYSTACK);
    await run(page);
    await ended(page, "Succeeded");
    await page.getByRole("log").press("ControlOrMeta+f");
    await page.getByRole("textbox", { name: "Find in the output" }).fill("NEEDLE");
    await page.keyboard.press("Enter");
    await page.getByText("1 of 2").waitFor();
    assert.equal(await outputLine(page, "needle 1233"), 1234);
    await page.keyboard.press("Enter");
    await page.getByText("2 of 2").waitFor();
    assert.equal(await outputLine(page, "needle 4320"), 4321);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.locator(`html.${colorScheme}`).waitFor();
      assert.deepEqual(await breaches(page), []);
    }
    await page.keyboard.press("Escape");
    await page.getByRole("search").waitFor({ state: "detached" });
  });
}

export async function nothing_typed_is_lost_when_the_session_ends(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, "kept = True\n");
    await page.evaluate(async () => {
      const { token } = JSON.parse(sessionStorage.getItem("byteme.access"));
      await fetch("/api/v1/auth/logout", { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    });
    await page.reload();
    const dialog = page.getByRole("dialog", { name: "Your session has ended" });
    await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
    assert.deepEqual(await breaches(page), []);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.locator(".view-line").filter({ hasText: "kept" }).waitFor();
    await run(page);
    await ended(page, "Succeeded");
  });
}

export async function the_pages_have_no_accessibility_breach_in_light_dark_or_on_a_phone(url) {
  await inBrowser(url, async (page) => {
    const found = {};
    const look = async (name) => {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.locator(`html.${colorScheme}`).waitFor();
        if (await editor(page).isVisible()) {
          await page
            .locator(colorScheme === "dark" ? ".monaco-editor.vs-dark" : ".monaco-editor.vs")
            .first()
            .waitFor();
        }
        found[`${name}, ${colorScheme}`] = await breaches(page);
      }
    };
    await page.getByLabel("Email").waitFor();
    await look("sign in");
    await register(page);
    await writeProgram(
      page,
      'import sys\nprint("plain")\nprint("wrong", file=sys.stderr)\nprint("\\x1b[32mgreen\\x1b[0m")\n',
    );
    await run(page);
    await ended(page, "Succeeded");
    await look("workspace");
    await page.getByRole("tab", { name: "Runs", exact: true }).click();
    await look("runs");
    await page.setViewportSize(NARROW);
    for (const name of ["Code", "Output", "Results", "Files", "Runs"]) {
      await page.getByRole("tab", { name, exact: true }).click();
      await look(`${name} on a phone`);
    }
    for (const [button, title] of [
      [/^Start from a template/, "Start from a template"],
      [/^Limits of a run/, "Limits of a run"],
    ]) {
      await page.getByRole("button", { name: button }).click();
      await page.getByRole("dialog", { name: title }).waitFor();
      await look(title);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(wide, NARROW.width, "nothing sticks out on a phone");
    assert.deepEqual(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0)), {});
  });
}

export async function a_run_can_be_made_with_the_keyboard_alone(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, 'print("begun", flush=True)\ninput()\n');
    await page.keyboard.press("ControlOrMeta+Enter");
    await outputLine(page, "begun");
    await page.keyboard.press("ControlOrMeta+.");
    await ended(page, "Cancelled");
    await page.keyboard.press("Control+m");
    await page.keyboard.press("Tab");
    const left = await page.evaluate(() => document.activeElement.closest(".monaco-editor") === null);
    assert.ok(left, "Tab leaves the editor after Control+M");
  });
}
