// node screenshot.mjs URL FILE - a picture of the workspace after a real run, as the README shows it.
import { ended, inBrowser, register, run } from "./browser.mjs";

const [url, file] = process.argv.slice(2);

await inBrowser(
  url,
  async (page) => {
    await register(page);
    await page.getByRole("button", { name: /^Start from a template/ }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^PyTorch MLP/ })
      .click();
    await page.getByRole("button", { name: "Undo" }).waitFor({ state: "visible" });
    await run(page);
    await ended(page, "Succeeded");
    await page.getByRole("listitem").filter({ hasText: "model.pt" }).waitFor();
    await page.getByRole("img", { name: "Figure 1" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).waitFor({ state: "detached" });
    await page.mouse.move(400, 900);
    await page.getByRole("tooltip").waitFor({ state: "detached" });
    await page.screenshot({ path: file });
  },
  { viewport: { width: 1440, height: 1130 } },
);
