// What operators are promised of images, on a server whose registry has tests/sandbox:one and tests/sandbox:two.
import assert from "node:assert/strict";

import { asOperator, confirm, look, openTab } from "./operator.mjs";

const PROGRAM = "print('trained')"; // these images have no libraries for the usual one
const PATIENT = { timeout: 180_000 };

/** Opens the dialog, and fills in which image is to be pulled and how it is tried. */
async function askFor(page, ref) {
  await page.getByRole("button", { name: "Pull image…" }).click();
  const dialog = page.getByRole("dialog", { name: "Pull an image" });
  await dialog.getByLabel("Image").fill(ref);
  await dialog.getByRole("combobox", { name: "Trial on each host" }).click();
  await page.getByRole("option", { name: "A program of its own" }).click();
  await dialog.getByLabel("Python program").fill(PROGRAM);
  return dialog;
}

async function pull(page, ref, { activate }) {
  const dialog = await askFor(page, ref);
  const toggle = dialog.getByRole("switch", { name: "Switch the alias once enough hosts are ready" });
  await toggle.setChecked(activate);
  await dialog.getByRole("button", { name: "Pull", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

/** The part of the page that shows a pull. */
function progressOf(page, ref) {
  return page.getByRole("region", { name: ref, exact: true });
}

/** The row of the table with this alias, image and state. */
function rowOf(page, ...texts) {
  const rows = page.getByRole("table", { name: "Images", exact: true }).getByRole("row");
  return texts.reduce((found, text) => found.filter({ hasText: text }), rows);
}

export async function an_operator_pulls_an_image_activates_it_and_rolls_back(url) {
  await asOperator(url, async (page) => {
    await openTab(page, "Images");
    await pull(page, "tests/sandbox:one", { activate: false });
    const first = progressOf(page, "tests/sandbox:one");
    await first.getByRole("list", { name: "Steps" }).getByText("Try out").waitFor();
    await first.getByRole("progressbar").first().waitFor(PATIENT);
    await first.getByText(/^[0-9a-f]{12} is on the hosts$/).waitFor(PATIENT);
    await first.getByRole("button", { name: "Close" }).click();

    await page.getByRole("button", { name: /^Activate .*sandbox:one$/ }).click();
    await confirm(page, "Activate");
    await page.getByText(/^default is [0-9a-f]{12} now$/).waitFor(PATIENT);
    await rowOf(page, "sandbox:one", "Active").waitFor();

    await pull(page, "tests/sandbox:two", { activate: true });
    const second = progressOf(page, "tests/sandbox:two");
    await second.getByText(/^default is [0-9a-f]{12} now$/).waitFor(PATIENT);
    await rowOf(page, "sandbox:two", "Active").waitFor();
    await rowOf(page, "sandbox:one", "Previous").waitFor();

    await page.getByRole("button", { name: /^Roll default back to / }).click();
    const question = page.getByRole("dialog", { name: "Roll default back?" });
    await question.getByText(/sandbox:one/).waitFor();
    await confirm(page, "Roll back");
    await page.getByText(/^default is [0-9a-f]{12} again/).waitFor();
    await rowOf(page, "sandbox:one", "Active").waitFor();

    await openTab(page, "Audit");
    await page.getByText("Rolled an alias back to the image before").first().waitFor();
    await page.getByText("Asked for an image from a registry").first().waitFor();
  });
}

export async function a_pull_that_can_not_be_is_explained(url) {
  await asOperator(url, async (page) => {
    await openTab(page, "Images");
    const dialog = await askFor(page, "tests/sandbox");
    await dialog.getByRole("button", { name: "Pull", exact: true }).click();
    await dialog.getByText(/names no tag and no digest/).waitFor();
    assert.equal(await dialog.getByLabel("Image").getAttribute("aria-invalid"), "true");
    await dialog.getByLabel("Image").fill("tests/sandbox:one");
    await dialog.getByRole("button", { name: "Dry run" }).click();
    await dialog.getByText(/^It is [0-9a-f]{12}, and may be pulled$/).waitFor(PATIENT);
    await dialog.getByLabel("Image").fill("tests/sandbox:nowhere");
    await dialog.getByRole("button", { name: "Pull", exact: true }).click();
    const progress = progressOf(page, "tests/sandbox:nowhere");
    await progress.getByText("There is no such image in the registry").waitFor(PATIENT);
    await progress.getByText(/Check the repository and the tag/).waitFor();
    await progress.getByRole("button", { name: "Pull again…" }).click();
    assert.equal(await page.getByRole("dialog").getByLabel("Image").inputValue(), "tests/sandbox:nowhere");
  });
}

export async function the_page_of_images_has_no_accessibility_breach(url) {
  const found = {};
  await asOperator(url, async (page) => {
    await openTab(page, "Images");
    await look(page, "images", found);
    await pull(page, "tests/sandbox:two", { activate: false });
    await progressOf(page, "tests/sandbox:two")
      .getByText(/^[0-9a-f]{12} is on the hosts$/)
      .waitFor(PATIENT);
    await look(page, "a pull that has ended", found);
    for (const [button, name] of [
      ["Pull image…", "the question about a pull"],
      ["Prune…", "the question about a prune"],
      [/^Activate .*sandbox:two$/, "the question about an activation"],
    ]) {
      await page.getByRole("button", { name: button }).first().click();
      await page.getByRole("dialog").waitFor();
      await look(page, name, found);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await pull(page, "tests/sandbox:nowhere", { activate: false });
    await progressOf(page, "tests/sandbox:nowhere")
      .getByText("There is no such image in the registry")
      .waitFor(PATIENT);
    await look(page, "a pull that failed", found);
  });
  assert.deepEqual(found, {});
}
