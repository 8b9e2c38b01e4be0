// node screenshot.mjs URL FOLDER [ADMIN_EMAIL ADMIN_PASSWORD] - every screen after real runs, light and dark, as FOLDER/NAME-SCHEME.png.
import { join } from "node:path";

import { ended, goTo, inBrowser, ranProgram, register, run } from "./browser.mjs";

const [url, folder, adminEmail, adminPassword] = process.argv.slice(2);

/** Both colour schemes of what is on the screen. */
async function take(page, name) {
  await page.mouse.move(640, 940);
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.locator(`html.${colorScheme}`).waitFor();
    await page.waitForLoadState("networkidle");
    await page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
  }
}

async function tenant(page) {
  await page.getByLabel("Email").waitFor();
  await take(page, "sign-in");
  await register(page);
  await goTo(page, "/templates");
  await page.getByRole("button", { name: "Use template PyTorch MLP" }).waitFor();
  await take(page, "templates");
  await page.getByRole("button", { name: "Use template PyTorch MLP" }).click();
  await page.locator(".view-line").filter({ hasText: "import" }).first().waitFor();
  await page.getByRole("button", { name: "Close the first steps" }).click();
  await run(page);
  await ended(page, "Succeeded");
  await page.getByRole("listitem").filter({ hasText: "model.pt" }).waitFor();
  await take(page, "workspace");
  const program = (rate) =>
    `import byteme\nrate = ${rate}\nfor step in range(50):\n    byteme.log(loss=1 / (1 + rate * step), step=step)\n`;
  const first = await ranProgram(page, program(0.1));
  const second = await ranProgram(page, program(0.3));
  await goTo(page, "/runs");
  await page.getByText(second.slice(0, 12)).first().waitFor();
  await take(page, "runs");
  await goTo(page, `/runs/${second}`);
  await page.getByRole("tab", { name: "Overview" }).waitFor();
  await take(page, "run");
  await goTo(page, `/runs/compare?ids=${first},${second}`);
  await page.getByRole("img", { name: /loss/ }).first().waitFor();
  await take(page, "compare");
  await goTo(page, "/datasets");
  await page.getByRole("heading", { level: 1, name: "Datasets" }).waitFor();
  await page
    .locator("input[type=file]")
    .first()
    .setInputFiles({
      name: "flowers.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(
        "length,width,name\n" +
          Array.from({ length: 120 }, (_, n) => `${n / 10},${(n * 7) % 13},iris-${n % 3}`).join("\n"),
      ),
    });
  await page.getByRole("link", { name: "flowers.csv" }).first().waitFor();
  await take(page, "datasets");
  await page.getByRole("link", { name: "flowers.csv" }).first().click();
  await page.getByRole("columnheader", { name: /length/ }).waitFor();
  await take(page, "dataset");
  await goTo(page, "/account");
  await page.getByRole("heading", { name: "Quota and use" }).waitFor();
  await take(page, "account");
  await page.setViewportSize({ width: 390, height: 844 });
  await goTo(page, "/");
  await page.getByRole("tab", { name: "Code", exact: true }).waitFor();
  await take(page, "workspace-phone");
  await goTo(page, "/runs");
  await page.getByText(second.slice(0, 12)).first().waitFor();
  await take(page, "runs-phone");
}

async function operator(page) {
  await page.getByLabel("Email").fill(adminEmail);
  await page.getByLabel("Password", { exact: true }).fill(adminPassword);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  for (const tab of ["overview", "queue", "users", "images", "audit", "settings"]) {
    await goTo(page, `/admin/${tab}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await take(page, `admin-${tab}`);
  }
}

await inBrowser(url, tenant, { viewport: { width: 1440, height: 960 } });
if (adminEmail) await inBrowser(url, operator, { viewport: { width: 1440, height: 960 } });
