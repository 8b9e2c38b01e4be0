// What promises about the operators' pages have in common.
import assert from "node:assert/strict";

import { breaches, inBrowser } from "./browser.mjs";

const NARROW = { width: 390, height: 800 };
const WIDE = { width: 1280, height: 800 };
export const OPERATOR = { email: "admin@example.com", password: "operator-password" };

/** Uses the page as the operator that the tests' servers are started with. */
export async function asOperator(url, act) {
  await inBrowser(url, async (page) => {
    await signIn(page, OPERATOR);
    await page.getByRole("link", { name: "Admin", exact: true }).click();
    await act(page);
  });
}

async function signIn(page, { email, password }) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
}

/** The operators' page of this name. */
export async function openTab(page, name) {
  await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name }).click();
}

/** Answers the question on the screen with its button, and waits until what it asks about is done. */
export async function confirm(page, button) {
  const dialog = page.getByRole("dialog").last();
  await dialog.getByRole("button", { name: button, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

/** Every breach on the page on the screen, in light, in dark and on a phone, by where it is. */
export async function look(page, name, found) {
  for (const [how, viewport, colorScheme] of [
    ["light", WIDE, "light"],
    ["dark", WIDE, "dark"],
    ["on a phone", NARROW, "light"],
  ]) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.locator(`html.${colorScheme}`).waitFor();
    const list = await breaches(page);
    if (list.length > 0) found[`${name}, ${how}`] = list;
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, viewport.width, `nothing sticks out of ${name} ${how}`);
  }
  await page.setViewportSize(WIDE);
}
