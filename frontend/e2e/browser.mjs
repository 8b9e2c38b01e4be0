// A real browser on a real server: what the promises in promises.mjs have in common.
import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-sync",
];
const PATIENCE_MS = 60_000;

export const PASSWORD = "correct horse battery staple";

/**
 * Opens the application at `url` in a fresh browser, lets `act` use the page, and removes every trace.
 * Throws what `act` throws, and when the page has asked another origin for anything or met an error of its own.
 */
export async function inBrowser(url, act, options = {}) {
  const executablePath = process.env.CHROMIUM ?? PLACES.find(existsSync);
  assert.ok(executablePath, `no Chromium found (${PLACES.join(", ")}, or set CHROMIUM)`);
  const profile = mkdtempSync(join(tmpdir(), "byteme-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: QUIET,
    viewport: { width: 1280, height: 800 },
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  try {
    context.setDefaultTimeout(PATIENCE_MS);
    const page = context.pages()[0];
    const faults = watchForFaults(page, url);
    await page.goto(url);
    await act(page);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** Requests to other origins, exceptions, and breaches of the content security policy, as they come. */
function watchForFaults(page, url) {
  const faults = [];
  const own = [url, url.replace("http", "ws"), "blob:", "data:"];
  page.on("request", (request) => {
    if (!own.some((prefix) => request.url().startsWith(prefix))) faults.push(`asked for ${request.url()}`);
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) faults.push(message.text());
  });
  return faults;
}

/** Creates an account and waits for its workspace; returns its email address. */
export async function register(page) {
  const email = `browser-${Date.now()}-${process.pid}@example.org`;
  await page.getByRole("tab", { name: "Register" }).click();
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await editor(page).waitFor();
  return email;
}

export function editor(page) {
  return page.locator(".monaco-editor .view-line").first();
}

/** Puts `code` in the place of the file on the screen, as a user who pastes it. */
export async function writeProgram(page, code) {
  await editor(page).click();
  await page.evaluate((text) => navigator.clipboard.writeText(text), code);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.press("ControlOrMeta+v");
  const lastLine = code.trimEnd().split("\n").at(-1).trim();
  await page
    .locator(".view-line")
    .filter({ hasText: lastLine.slice(0, 20) })
    .first()
    .waitFor();
}

export async function run(page) {
  await page.getByRole("button", { name: "Run", exact: true }).click();
}

/** Waits until the run on the screen has this state. */
export async function ended(page, state) {
  const pane = page.getByRole("region", { name: "Output", exact: true });
  const any = pane.getByText(/^(Succeeded|Failed|Cancelled)$/);
  await any.waitFor({ timeout: 3 * PATIENCE_MS });
  assert.equal(await any.innerText(), state);
}

/** Waits for a line of the output and returns its number. */
export async function outputLine(page, text) {
  const row = page
    .getByRole("log")
    .locator(".log-row")
    .filter({ has: page.getByText(text, { exact: true }) });
  await row.first().waitFor();
  return Number(await row.first().locator(".log-number").getAttribute("data-number"));
}

/** Downloads by a button; returns the path of the file, which lives as long as the browser. */
export async function download(page, button) {
  const [saved] = await Promise.all([page.waitForEvent("download"), button.click()]);
  assert.equal(await saved.failure(), null);
  return saved.path();
}

/** Waits until nothing moves: half faded in, every text has too little contrast. */
async function settled(page) {
  await page.evaluate(async () => {
    const moving = () =>
      document.getAnimations().filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime));
    while (moving().length > 0) {
      await Promise.allSettled(moving().map(({ finished }) => finished));
      await new Promise(requestAnimationFrame);
    }
  });
}

/** Every breach of the WCAG rules that axe can see, as readable lines. */
export async function breaches(page) {
  await settled(page);
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
}

/** Asks the API as whoever is signed in on the page. */
export async function ask(page, method, path, body) {
  return page.evaluate(
    async ([how, where, what]) => {
      const { token } = JSON.parse(sessionStorage.getItem("byteme.access"));
      const response = await fetch(`/api/v1${where}`, {
        method: how,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: what && JSON.stringify(what),
      });
      if (!response.ok) throw new Error(`${how} ${where}: ${await response.text()}`);
      return response.status === 204 ? null : response.json();
    },
    [method, path, body],
  );
}

/** Asks the API from outside the page as whoever is signed in on it, for what is not JSON; returns the response. */
export async function fetchAs(page, path, options = {}) {
  const { token, origin } = await page.evaluate(() => ({
    token: JSON.parse(sessionStorage.getItem("byteme.access")).token,
    origin: location.origin,
  }));
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`${origin}/api/v1${path}`, { ...options, headers });
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response;
}

/** Runs a program to its end; returns its id. */
export async function ranProgram(page, code, request = {}) {
  const { id } = await ask(page, "POST", "/runs", { files: { "main.py": code }, ...request });
  const until = Date.now() + 3 * PATIENCE_MS;
  while (Date.now() < until) {
    const { state } = await ask(page, "GET", `/runs/${id}`);
    if (["succeeded", "failed", "cancelled"].includes(state)) return id;
    await page.waitForTimeout(300);
  }
  throw new Error(`run ${id} did not end`);
}

/** Goes to another page of the application, as its links do: without loading it anew. */
export async function goTo(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);
}
