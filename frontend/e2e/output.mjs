// What the application promises about a run's output, figures, curves and use. One function of the server's URL each.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { breaches, download, ended, inBrowser, outputLine, register, run, writeProgram } from "./browser.mjs";
import { heapBytes, longestTask } from "./tasks.mjs";

const NARROW = { width: 390, height: 800 };
const LONGEST_TASK_MS = 200;
const LARGEST_HEAP = 250 << 20;

async function begin(page, code) {
  await register(page);
  await writeProgram(page, code);
  await run(page);
}

function log(page) {
  return page.getByRole("log", { name: "Output", exact: true });
}

function row(page, number) {
  return log(page)
    .locator(".log-row")
    .filter({ has: page.locator(`.log-number[data-number="${number}"]`) });
}

async function answer(page, line) {
  await page.getByLabel("Program input").fill(line);
  await page.keyboard.press("Enter");
}

async function find(page, text) {
  await log(page).press("ControlOrMeta+f");
  await page.getByRole("textbox", { name: "Find in the output" }).fill(text);
}

/** The page in light and dark, wide and on a phone, where `tab` is to be opened first; no breach in any of them. */
async function looksRight(page, tab) {
  for (const size of [{ width: 1280, height: 800 }, NARROW]) {
    await page.setViewportSize(size);
    if (size === NARROW && tab) await page.getByRole("tab", { name: tab, exact: true }).click();
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.locator(`html.${colorScheme}`).waitFor();
      assert.deepEqual(await breaches(page), [], `${colorScheme}, ${size.width} px`);
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= size.width, "nothing sticks out");
  }
}

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

const FIGURES = `
import matplotlib.pyplot as plt
def show(*numbers):
    for number in numbers:
        plt.figure()
        plt.plot([0, 1, number])
    plt.show()
print("before the first")
show(1)
print("between them")
show(2, 2)
input()
print("after the last")
`;

/** What stands in the output, from top to bottom: the text of its lines, and the names of its figures. */
async function inOrder(page) {
  await outputLine(page, "before the first");
  return log(page)
    .locator(".log-row, .log-shown button")
    .evaluateAll((all) =>
      all
        .map((one) => [one.getBoundingClientRect(), one.getAttribute("aria-label") ?? one.innerText.trim()])
        .sort(([a], [b]) => a.top - b.top || a.left - b.left)
        .map(([, text]) => text)
        .filter(Boolean),
    );
}

export async function figures_stand_between_the_lines_and_open_large_by_the_keyboard(url) {
  await inBrowser(url, async (page) => {
    await begin(page, FIGURES);
    const figure = (number) => log(page).getByRole("button", { name: `Open figure ${number}`, exact: true });
    const before = ["before the first", "Open figure 1", "between them", "Open figure 2", "Open figure 3"];
    await figure(3).waitFor();
    assert.deepEqual(await inOrder(page), before);
    await page.reload();
    await figure(3).waitFor();
    assert.deepEqual(await inOrder(page), before);
    await answer(page, "");
    await ended(page, "Succeeded");
    await outputLine(page, "after the last");
    assert.deepEqual(await inOrder(page), [...before, "after the last"]);
    await page.reload();
    assert.equal(await outputLine(page, "after the last"), 3, "a figure is no line");
    await log(page).press("Home");
    assert.deepEqual(await inOrder(page), [...before, "after the last"]);
    await find(page, "after");
    await page.keyboard.press("Enter");
    await row(page, 3).locator("mark").waitFor();
    await page.keyboard.press("Escape");

    await figure(1).focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Figure 1 (1 of 3)").waitFor();
    await page.keyboard.press("ArrowRight");
    await dialog.getByText("Figure 2 (2 of 3)").waitFor();
    await page.keyboard.press("End");
    await dialog.getByText("Figure 3 (3 of 3)").waitFor();
    const picture = dialog.getByRole("img", { name: "Figure 3" });
    const wide = await picture.evaluate((image) => image.clientWidth);
    await page.keyboard.press("+");
    await dialog
      .getByRole("button", { name: /^Zoom out/ })
      .and(page.locator(":enabled"))
      .waitFor();
    assert.ok((await picture.evaluate((image) => image.clientWidth)) > wide);
    const saved = readFileSync(
      await download(page, dialog.getByRole("button", { name: "Download figure 3" })),
    );
    assert.equal(saved.subarray(1, 4).toString(), "PNG");
    assert.deepEqual(await breaches(page), []);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    const results = page.getByRole("region", { name: "Figures", exact: true });
    await results.getByRole("img", { name: "Figure 2" }).waitFor();
    await looksRight(page, "Output");
  });
}

const PLOTS_AMONG_LINES = `
import byteme
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='300' height='200'><text y='99'>{}</text></svg>"
for number in range(5000):
    print("line", number)
    if number % 100 == 50:
        byteme.display(SVG.format(number))
`;

export async function figures_among_many_lines_leave_the_places_of_the_lines_right(url) {
  await inBrowser(url, async (page) => {
    await begin(page, PLOTS_AMONG_LINES);
    await ended(page, "Succeeded");
    await outputLine(page, "line 4999");
    const seen = async (target) => {
      const [view, box] = [await log(page).boundingBox(), await target.boundingBox()];
      return box.y >= view.y - 1 && box.y + box.height <= view.y + view.height + 1;
    };
    assert.ok(await seen(row(page, 5000)), "the end is followed");
    await page.getByRole("button", { name: "Link to a line" }).click();
    for (const number of [2552, 51, 4952]) {
      await page.getByLabel("Line number").fill(String(number));
      await page.keyboard.press("Enter");
      await row(page, number).and(page.locator(".log-found")).waitFor();
      assert.ok(await seen(row(page, number)), `line ${number} is in sight`);
    }
    await page.reload();
    await row(page, 4952).and(page.locator(".log-found")).waitFor();
    assert.ok(await seen(row(page, 4952)), "after a reload too");
    const [line, figure, next] = await Promise.all(
      [row(page, 4951), log(page).getByRole("button", { name: "Open figure 50" }), row(page, 4952)].map(
        (one) => one.boundingBox(),
      ),
    );
    assert.ok(line.y < figure.y && figure.y + figure.height <= next.y, "the figure is between its lines");
  });
}

const TRAINING = `
import math, byteme
for epoch in range(1, 21):
    byteme.log(step=epoch, accuracy=1 - 1 / epoch)
    print(f"epoch {epoch}/20 - loss: {1 / epoch if epoch != 7 else math.nan:.4f} - accuracy: 0.5")
held = bytearray(200 << 20)
input()
`;

export async function curves_come_from_reports_and_from_what_is_printed(url) {
  await inBrowser(url, async (page) => {
    await begin(page, TRAINING);
    const metrics = page.getByRole("region", { name: "Metrics", exact: true });
    const seen = async () => {
      await metrics.getByText(/^last 0\.05 at step 20 · min 0\.05 · max 1 · 1 value not a number/).waitFor();
      await metrics.getByText(/^last 0\.95 at step 20 · min 0 · max 0\.95/).waitFor();
      const charts = metrics.getByRole("img");
      await charts.nth(1).waitFor();
      const names = await charts.evaluateAll((all) => all.map((chart) => chart.getAttribute("aria-label")));
      assert.deepEqual(names.sort(), ["Chart of accuracy", "Chart of loss"]);
      assert.equal(await metrics.getByText("from output", { exact: true }).count(), 1);
    };
    await seen();
    const memory = page.getByRole("progressbar", { name: "Memory in use" });
    await page.waitForFunction(
      (bar) => /^\d{3} MiB of 2 GiB$/.test(bar.getAttribute("aria-valuetext")),
      await memory.elementHandle(),
    );
    await page.reload();
    await seen();
    for (const name of ["Time", "Clock"]) await metrics.getByRole("button", { name, exact: true }).click();
    await metrics.getByText(/no times known, shown by step/).waitFor();
    await metrics.getByRole("slider", { name: "Smoothing" }).press("End");
    await metrics.getByRole("switch", { name: "Log scale" }).click();
    await metrics.getByRole("button", { name: "Table of loss" }).click();
    const table = metrics.getByRole("table", { name: "loss" });
    assert.equal(await table.getByRole("row").count(), 21);
    await table.getByRole("cell", { name: "not a number" }).waitFor();
    const csv = await download(page, metrics.getByRole("button", { name: "Download accuracy as CSV" }));
    const lines = readFileSync(csv, "utf8").trimEnd().split("\n");
    assert.deepEqual([lines.length, lines[0], lines[2].split(",")[2]], [21, "step,time,value", "0.5"]);
    await looksRight(page, "Results");
    await page.setViewportSize({ width: 1280, height: 800 });
    await answer(page, "");
    await ended(page, "Succeeded");
    await page.getByText(/^peak \d+ MiB of 2 GiB$/).waitFor();
  });
}
