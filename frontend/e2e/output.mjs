// What the application promises about a run's output. One function of the server's URL each.
import assert from "node:assert/strict";

import { breaches, ended, inBrowser, outputLine, register, run, writeProgram } from "./browser.mjs";
import { answer, begin, find, log, looksRight, row } from "./log.mjs";
import { heapBytes, longestTask } from "./tasks.mjs";

const LONGEST_TASK_MS = 200;
const LARGEST_HEAP = 250 << 20;

const FLOOD = `
import sys, time
begin = time.monotonic()
for tick in range(300):
    lines = (f"epoch {tick} step {tick * 1000 + n} of many, loss {1 / (tick + 1):.4f}\\n" for n in range(1000))
    sys.stdout.write("".join(lines))
    sys.stdout.flush()
    time.sleep(max(0, begin + 0.1 * (tick + 1) - time.monotonic()))
`;

export async function ten_thousand_lines_a_second_never_hold_the_page_up(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await writeProgram(page, FLOOD);
    const longest = await longestTask(page, async () => {
      await run(page);
      await ended(page, "Succeeded");
    });
    assert.ok(longest <= LONGEST_TASK_MS, `a task of ${longest} ms`);
    await log(page).press("End");
    assert.equal(await outputLine(page, "epoch 299 step 299999 of many, loss 0.0033"), 300_000);
  });
}

const MILLION = `
for number in range(1_000_000):
    print(f"line {number:07d} is one of a million lines of sixty characters ....")
`;

export async function a_million_lines_stay_small_and_all_of_them_are_searched(url) {
  await inBrowser(url, async (page) => {
    await begin(page, MILLION);
    await ended(page, "Succeeded");
    await log(page).press("End");
    const last = await outputLine(page, "line 0999999 is one of a million lines of sixty characters ....");
    assert.equal(last, 1_000_000);
    await find(page, "0(000|500|999)123 is");
    await page.getByText("No match", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Regular expression" }).click();
    const longest = await longestTask(page, () => page.getByText("– of 3", { exact: true }).waitFor());
    assert.ok(longest <= LONGEST_TASK_MS, `a task of ${longest} ms`);
    await page.getByRole("textbox", { name: "Find in the output" }).press("Enter");
    for (const number of [124, 500_124, 999_124]) {
      await row(page, number).locator("mark").waitFor();
      await page.keyboard.press("Enter");
    }
    await page.getByText("1 of 3", { exact: true }).waitFor();
    await page.keyboard.press("Shift+Enter");
    await page.getByText("3 of 3", { exact: true }).waitFor();
    const heap = await heapBytes(page);
    assert.ok(heap <= LARGEST_HEAP, `${Math.round(heap / (1 << 20))} MiB`);
  });
}

const HAY = `
for number in range(1, 5001):
    print("hay", number)
`;

export async function a_link_leads_to_a_line_of_a_long_output(url) {
  await inBrowser(url, async (page) => {
    await begin(page, HAY);
    await ended(page, "Succeeded");
    await page.getByRole("button", { name: "Link to a line" }).click();
    await page.getByLabel("Line number").fill("6000");
    await page.getByText("There are lines 1 to 5000").waitFor();
    await page.getByLabel("Line number").fill("120");
    await page.keyboard.press("Enter");
    await row(page, 120).and(page.locator(".log-found")).waitFor();
    assert.ok(page.url().endsWith("#L120"), page.url());
    await row(page, 122).locator(".log-number").click();
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByRole("button", { name: "Link copied" }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(link.endsWith("#L122"), link);
    await page.goto("about:blank");
    await page.goto(link);
    await row(page, 122).and(page.locator(".log-found")).waitFor();
    assert.ok(await row(page, 122).getByText("hay 122", { exact: true }).isVisible());
    await looksRight(page, "Output");
    await page.getByRole("button", { name: "Close the line link" }).click();
    assert.ok(!page.url().includes("#"), page.url());
  });
}

const STEPS = `
number = 0
while True:
    number += 1
    print("line", number)
    if number % 500 == 0:
        input()
`;

export async function a_reader_who_scrolls_up_is_left_alone(url) {
  await inBrowser(url, async (page) => {
    await begin(page, STEPS);
    await outputLine(page, "line 500");
    await log(page).press("Home");
    await outputLine(page, "line 1");
    const top = () => row(page, 1).evaluate((element) => element.getBoundingClientRect().top);
    const before = await top();
    await answer(page, "");
    await page.getByRole("button", { name: /^Follow output, 5\d\d new lines$/ }).waitFor();
    assert.equal(await top(), before, "what is read stays in its place");
    await page.getByRole("button", { name: "Wrap long lines" }).click();
    assert.equal(await top(), before, "also when lines are wrapped");
    await page.getByRole("button", { name: /^Follow output/ }).click();
    await outputLine(page, "line 1000");
    await answer(page, "");
    await outputLine(page, "line 1500");
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await ended(page, "Cancelled");
  });
}

const NESTED = `
from tqdm import tqdm
for outer in tqdm(range(4), desc="epoch", mininterval=0):
    bar = tqdm(range(2000), desc="batch", leave=False, mininterval=0)
    for inner in bar:
        bar.set_postfix(loss=1 / (inner + 1), refresh=False)
        if outer == 2 and inner == 1000:
            bar.refresh()
            input()
print("trained")
`;

export async function nested_progress_bars_are_bars_and_not_thousands_of_lines(url) {
  await inBrowser(url, async (page) => {
    await begin(page, NESTED);
    const batch = page.getByRole("progressbar", { name: "batch" });
    await page.getByText(/^50 % · 1000 of 2000/).waitFor();
    assert.equal(await batch.getAttribute("aria-valuenow"), "50");
    assert.equal(await page.getByRole("progressbar", { name: "epoch" }).getAttribute("aria-valuenow"), "50");
    assert.deepEqual(await breaches(page), []);
    await answer(page, "");
    await ended(page, "Succeeded");
    await batch.waitFor({ state: "detached" });
    assert.ok((await outputLine(page, "trained")) < 10, "few lines");
    await log(page)
      .getByText(/^epoch: 100%\|.*4\/4/)
      .waitFor();
  });
}

const ASKS = `
import sys
name = input("Who is there? ")
print("hello", name, file=sys.stderr)
print("then", len(sys.stdin.read()), "more")
`;

export async function a_program_asks_and_is_answered_to_the_end(url) {
  await inBrowser(url, async (page) => {
    await begin(page, ASKS);
    await log(page).getByText("Who is there?").waitFor();
    await answer(page, "Ana");
    await log(page).getByText("hello Ana", { exact: true }).waitFor();
    assert.equal(await log(page).locator(".log-mark-stderr").count(), 1, "standard error is told by a sign");
    await answer(page, "abc");
    await page.getByRole("button", { name: "End input" }).click();
    await outputLine(page, "then 4 more");
    await ended(page, "Succeeded");
  });
}
