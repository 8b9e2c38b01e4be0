// The output on the screen, as the promises about it use it.
import assert from "node:assert/strict";

import { breaches, register, run, writeProgram } from "./browser.mjs";

const NARROW = { width: 390, height: 800 };

export async function begin(page, code) {
  await register(page);
  await writeProgram(page, code);
  await run(page);
}

export function log(page) {
  return page.getByRole("log", { name: "Output", exact: true });
}

export function row(page, number) {
  return log(page)
    .locator(".log-row")
    .filter({ has: page.locator(`.log-number[data-number="${number}"]`) });
}

export async function answer(page, line) {
  await page.getByLabel("Program input").fill(line);
  await page.keyboard.press("Enter");
}

export async function find(page, text) {
  await log(page).press("ControlOrMeta+f");
  await page.getByRole("textbox", { name: "Find in the output" }).fill(text);
}

/** The page in light and dark, wide and on a phone, where `tab` is to be opened first; no breach in any of them. */
export async function looksRight(page, tab) {
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
