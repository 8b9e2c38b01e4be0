// What the application promises about what a run shows: figures, curves, use. One function of the server's URL each.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { breaches, download, ended, inBrowser, outputLine } from "./browser.mjs";
import { answer, begin, find, log, looksRight, row } from "./log.mjs";

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

const lineAt = (number) => `[role="log"] .log-row:has(.log-number[data-number="${number}"])`;

/** Waits until a line is wholly in sight. */
async function inSight(page, number) {
  const isSeen = (line) => {
    const view = document.querySelector('[role="log"]').getBoundingClientRect();
    const box = document.querySelector(line)?.getBoundingClientRect();
    return box && box.top >= view.top - 1 && box.bottom <= view.bottom + 1;
  };
  await page
    .waitForFunction(isSeen, lineAt(number))
    .catch((error) => assert.fail(`line ${number} is in sight: ${error}`));
}

/** Waits until what these select stands one below the other. */
async function inTurn(page, ...wanted) {
  const isInTurn = (all) => {
    const boxes = all.map((one) => document.querySelector(one)?.getBoundingClientRect());
    return boxes.every((box, i) => box && (i === 0 || boxes[i - 1].bottom <= box.top + 0.5));
  };
  await page
    .waitForFunction(isInTurn, wanted)
    .catch((error) => assert.fail(`${wanted.join(", ")} stand in turn: ${error}`));
}

export async function figures_among_many_lines_leave_the_places_of_the_lines_right(url) {
  await inBrowser(url, async (page) => {
    await begin(page, PLOTS_AMONG_LINES);
    await ended(page, "Succeeded");
    await outputLine(page, "line 4999");
    await inSight(page, 5000); // the end is followed
    await page.getByRole("button", { name: "Link to a line" }).click();
    for (const number of [2552, 51, 4952]) {
      await page.getByLabel("Line number").fill(String(number));
      await page.keyboard.press("Enter");
      await row(page, number).and(page.locator(".log-found")).waitFor();
      await inSight(page, number);
    }
    await page.reload();
    await row(page, 4952).and(page.locator(".log-found")).waitFor();
    await inSight(page, 4952);
    await inTurn(page, lineAt(4951), '[role="log"] button[aria-label="Open figure 50"]', lineAt(4952));
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
