// What the pages about datasets promise. Each is one function of the server's URL, named as the test is.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { breaches, ended, inBrowser, register, run, writeProgram } from "./browser.mjs";

const MIB = 1 << 20;
const TABLE = "name,age,city\nAda,36,London\nBob,,Paris\nEve,41,Paris\n";
const SCREENS = [
  { colorScheme: "light", size: { width: 1280, height: 800 } },
  { colorScheme: "dark", size: { width: 1280, height: 800 } },
  { colorScheme: "light", size: { width: 390, height: 800 } },
];

/** A folder for files to upload, gone after `act`. */
async function withFolder(act) {
  const folder = mkdtempSync(join(tmpdir(), "byteme-upload-"));
  try {
    await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openDatasets(page) {
  await page.getByRole("link", { name: "Datasets", exact: true }).click();
  await page.getByRole("button", { name: "Upload", exact: true }).waitFor();
}

async function choose(page, path) {
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Upload", exact: true }).click(),
  ]);
  await chooser.setFiles(path);
}

function transfer(page, name) {
  return page.getByRole("region", { name: "Uploads" }).getByRole("group", { name });
}

async function upload(page, path, name) {
  await choose(page, path);
  await transfer(page, name).getByText("Done").last().waitFor();
}

/** How much of the upload has come, as its bar says. */
async function share(page, name) {
  return Number(await transfer(page, name).getByRole("progressbar").getAttribute("aria-valuenow"));
}

async function moves(page, name, beyond) {
  const bar = transfer(page, name).getByRole("progressbar");
  await bar.evaluate(
    (element, least) =>
      new Promise((resolve) => {
        const look = () =>
          Number(element.getAttribute("aria-valuenow")) > least ? resolve() : requestAnimationFrame(look);
        look();
      }),
    beyond,
  );
}

async function noBreachAnywhere(page) {
  for (const { colorScheme, size } of SCREENS) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.locator(`html.${colorScheme}`).waitFor();
    assert.deepEqual(await breaches(page), [], `${colorScheme}, ${size.width} px`);
  }
}

/** Says "in the middle" of the upload and "lost" once the page says so: whoever started this kills the server, then starts it again. */
export async function an_upload_that_is_cut_goes_on_and_a_run_reads_it(url) {
  await withFolder((folder) =>
    inBrowser(url, async (page) => {
      const data = randomBytes(256 * MIB);
      const sha256 = createHash("sha256").update(data).digest("hex");
      const path = join(folder, "big.bin");
      writeFileSync(path, data);
      await register(page);
      await openDatasets(page);
      await choose(page, path);
      await moves(page, "big.bin", 1);

      // The network goes, and comes again.
      await page.context().setOffline(true);
      await transfer(page, "big.bin").getByText("Connection lost; trying again").waitFor();
      const before = await share(page, "big.bin");
      assert.ok(before < 90, `cut in the middle, at ${before} %`);
      await page.context().setOffline(false);
      await moves(page, "big.bin", before);

      // It goes on while another page is on the screen.
      await page.getByRole("link", { name: "Templates", exact: true }).click();
      await openDatasets(page);
      await transfer(page, "big.bin").getByRole("button", { name: "Pause big.bin" }).click();
      await transfer(page, "big.bin").getByText("Paused").waitFor();
      const paused = await share(page, "big.bin");
      assert.ok(paused >= before && paused < 90, `paused at ${paused} %`);

      // The server is killed, and started again.
      await transfer(page, "big.bin").getByRole("button", { name: "Resume big.bin" }).click();
      await moves(page, "big.bin", paused);
      console.log("in the middle");
      await transfer(page, "big.bin").getByText("Connection lost; trying again").waitFor();
      console.log("lost");
      await transfer(page, "big.bin")
        .getByText("Connection lost; trying again")
        .waitFor({ state: "detached" });
      await transfer(page, "big.bin").getByRole("button", { name: "Pause big.bin" }).click();

      // The page is loaded again, and the same file is chosen.
      await page.reload();
      await transfer(page, "big.bin")
        .getByText(/^Not finished/)
        .waitFor();
      const left = await share(page, "big.bin");
      assert.ok(left >= paused && left < 100, `left at ${left} %`);
      const asked = [];
      page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
      await choose(page, path);
      await transfer(page, "big.bin").getByText("Done").waitFor();
      assert.ok(!asked.includes("POST /api/v1/uploads"), "no new upload was begun");

      await transfer(page, "big.bin").getByRole("link", { name: "big.bin" }).click();
      await page.getByRole("button", { name: "Copy the sha256", exact: true }).click();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), sha256);
      await page.getByText("It is a binary file.").waitFor();

      await page.getByRole("link", { name: "Workspace", exact: true }).click();
      await page.getByRole("button", { name: "Data: none" }).click();
      await page
        .getByRole("dialog")
        .getByRole("checkbox", { name: /^big.bin/ })
        .check();
      await page.getByRole("button", { name: "Use 1 dataset" }).click();
      const program =
        'import hashlib\nwith open("/workspace/data/big.bin", "rb") as file:\n    print(hashlib.file_digest(file, "sha256").hexdigest())\n';
      await writeProgram(page, program);
      await run(page);
      await ended(page, "Succeeded");
      await page.getByRole("log").getByText(sha256).waitFor();
    }),
  );
}

export async function a_table_is_shown_with_what_its_columns_hold(url) {
  await withFolder((folder) =>
    inBrowser(url, async (page) => {
      const path = join(folder, "people.csv");
      writeFileSync(path, TABLE);
      await register(page);
      await openDatasets(page);
      await upload(page, path, "people.csv");
      await page.getByRole("table").getByRole("link", { name: "people.csv" }).click();
      const age = page.getByRole("columnheader", { name: /^age/ });
      await age.getByText("integer").waitFor();
      await age.getByText(/33 % empty.*2 values.*36 to 41.*mean 38.5/).waitFor();
      await age.getByRole("img", { name: "Spread of age" }).waitFor();
      await page.getByRole("cell", { name: "London" }).waitFor();
      await page.getByRole("combobox", { name: "Delimiter" }).click();
      await page.getByRole("option", { name: "Semicolon" }).click();
      await page.getByRole("columnheader", { name: /^name,age,city/ }).waitFor();
    }),
  );
}

export async function a_file_of_the_same_name_becomes_a_version_or_a_dataset_of_its_own(url) {
  await withFolder((folder) =>
    inBrowser(url, async (page) => {
      const path = join(folder, "people.csv");
      writeFileSync(path, TABLE);
      await register(page);
      await openDatasets(page);
      await upload(page, path, "people.csv");
      for (const answer of ["New version", "Keep both", "Skip"]) {
        await choose(page, path);
        const dialog = page.getByRole("dialog", { name: "people.csv is there already" });
        await dialog.getByRole("button", { name: answer }).click();
        await dialog.waitFor({ state: "detached" });
      }
      const list = page.getByRole("table", { name: "Datasets" });
      await list.getByRole("row", { name: /^people-2.csv .* v1/ }).waitFor();
      await list.getByRole("row", { name: /^people.csv .* v2 of 2/ }).waitFor();
      assert.equal(await list.getByRole("row").count(), 3);

      // It is deleted by who types its name, with all its versions.
      await list.getByRole("link", { name: "people.csv" }).click();
      await page.getByRole("table", { name: "Versions" }).getByRole("link", { name: "v1" }).waitFor();
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("radio", { name: "All 2 versions" }).check();
      assert.ok(await dialog.getByRole("button", { name: "Delete" }).isDisabled());
      await dialog.getByLabel("Type people.csv to confirm").fill("people.csv");
      await dialog.getByRole("button", { name: "Delete" }).click();
      await list.getByRole("link", { name: "people-2.csv" }).waitFor();
      await list.getByRole("link", { name: "people.csv" }).waitFor({ state: "detached" });
    }),
  );
}

export async function files_may_be_dropped_anywhere_on_the_page(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await openDatasets(page);
    const files = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], "dropped.csv", { type: "text/csv" }));
      return transfer;
    }, TABLE);
    await page.dispatchEvent("nav", "dragover", { dataTransfer: files });
    await page.getByText("Drop files to upload them as datasets").waitFor();
    await page.dispatchEvent("nav", "drop", { dataTransfer: files });
    await page.getByRole("table", { name: "Datasets" }).getByRole("link", { name: "dropped.csv" }).waitFor();
  });
}

export async function the_pages_about_datasets_have_no_accessibility_breach(url) {
  await withFolder((folder) =>
    inBrowser(url, async (page) => {
      const path = join(folder, "people.csv");
      writeFileSync(path, TABLE);
      await register(page);
      await openDatasets(page);
      await page.getByText("No datasets yet").waitFor();
      await noBreachAnywhere(page);
      await page.setViewportSize({ width: 1280, height: 800 });
      await upload(page, path, "people.csv");
      await page.getByRole("table").getByRole("link", { name: "people.csv" }).waitFor();
      await noBreachAnywhere(page);
      await page.getByRole("table").getByRole("link", { name: "people.csv" }).click();
      await page.getByRole("cell", { name: "London" }).waitFor();
      await noBreachAnywhere(page);
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      await page.getByRole("dialog").waitFor();
      await noBreachAnywhere(page);
    }),
  );
}
