// What the gallery, the account and the operators' pages promise in a browser.
import assert from "node:assert/strict";

import { download, ended, inBrowser, PASSWORD, register, run } from "./browser.mjs";
import { asOperator, confirm, look, openTab, OPERATOR } from "./operator.mjs";

async function openAccount(page) {
  await page.getByRole("button", { name: "Account and appearance" }).click();
  await page.getByRole("menuitem", { name: "Account" }).click();
  await page.getByRole("heading", { name: "Quota and use" }).waitFor();
}

export async function a_newcomer_comes_by_the_first_steps_to_a_green_run_and_its_model(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    const steps = page.getByRole("region", { name: "First steps" });
    await steps.getByRole("link", { name: "Pick a template" }).click();
    await page.getByRole("heading", { level: 1, name: "Templates" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Templates");
    await page.getByLabel("Find a template").fill("mlp");
    await page.getByRole("button", { name: "Use template PyTorch MLP" }).click();
    await steps.getByText("done", { exact: true }).first().waitFor();
    await run(page);
    await ended(page, "Succeeded");
    const item = page.getByRole("listitem").filter({ hasText: "model.pt" });
    await download(page, item.getByRole("button", { name: "Download model.pt" }));
    await steps.getByText("All three done").waitFor();
    await steps.getByRole("button", { name: "Close the first steps" }).click();
    await page.reload();
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    assert.equal(await steps.count(), 0);
    await page.getByRole("button", { name: "Account and appearance" }).click();
    await page.getByRole("menuitem", { name: "First steps" }).click();
    await steps.waitFor();
  });
}

export async function an_operator_disables_a_user_and_finds_it_in_the_audit_trail(url) {
  await inBrowser(url, async (user) => {
    const email = await register(user);
    await asOperator(url, async (page) => {
      await openTab(page, "Users");
      await page.getByLabel("Find an email").fill(email);
      await page.getByRole("button", { name: `Disable ${email}` }).click();
      await confirm(page, "Disable");
      await page.getByRole("button", { name: `Enable ${email}` }).waitFor();
      await openTab(page, "Audit");
      await page.getByLabel("Who").fill(OPERATOR.email);
      await page.getByLabel("Action").fill("user.update");
      await page.getByRole("button", { name: "Filter" }).click();
      const newest = page.getByRole("row").nth(1);
      await newest.getByText('{"disabled":true}').waitFor();
      assert.ok((await newest.innerText()).includes(OPERATOR.email));
    });
    await user.reload();
    const dialog = user.getByRole("dialog", { name: "Your session has ended" });
    await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.getByRole("alert").getByText("This account is disabled.").waitFor();
  });
}

export async function a_quota_that_an_operator_changes_is_seen_by_its_user(url) {
  await inBrowser(url, async (user) => {
    const email = await register(user);
    await asOperator(url, async (page) => {
      await openTab(page, "Users");
      await page.getByLabel("Find an email").fill(email);
      await page.getByRole("button", { name: `Edit ${email}` }).click();
      const field = page.getByRole("textbox", { name: "Memory of a run, MiB" });
      await field.fill("768");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("dialog").getByText("Memory of a run, MiB: 768").waitFor();
      await confirm(page, "Change");
      await page.getByText(`${email} is changed`).waitFor();
    });
    await openAccount(user);
    await user.getByRole("definition").filter({ hasText: "768 MiB" }).waitFor();
  });
}

export async function a_key_made_in_the_browser_works_until_it_is_revoked(url) {
  await inBrowser(url, async (page) => {
    await register(page);
    await openAccount(page);
    await page.getByRole("button", { name: "New API key" }).click();
    await page.getByLabel("Name").fill("script");
    await page.getByRole("button", { name: "Create key" }).click();
    const key = await page.getByLabel("API key", { exact: true }).inputValue();
    await page.getByRole("button", { name: "Copy key" }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
    await page.getByRole("button", { name: "Done" }).click();
    const asked = () => fetch(`${url}/api/v1/runs`, { headers: { Authorization: `Bearer ${key}` } });
    assert.equal((await asked()).status, 200);
    await page.getByRole("button", { name: "Revoke script" }).click();
    await confirm(page, "Revoke");
    await page.getByText("No API keys yet.").waitFor();
    assert.equal((await asked()).status, 401);
  });
}

export async function while_no_run_starts_new_ones_wait_and_everybody_is_told(url) {
  await inBrowser(url, async (user) => {
    await register(user);
    await asOperator(url, async (page) => {
      await openTab(page, "Queue");
      const starts = page.getByRole("switch", { name: "Runs start" });
      await starts.uncheck();
      await page.getByLabel("Said to every user").fill("Back at noon.");
      await page.getByRole("button", { name: "Apply" }).click();
      await confirm(page, "Apply");
      await user.reload();
      await user.getByText("new runs wait in the queue for now. Back at noon.").waitFor();
      await run(user);
      await page.getByRole("cell", { name: "An operator lets no run start." }).waitFor();
      await starts.check();
      await page.getByRole("button", { name: "Apply" }).click();
      await confirm(page, "Apply");
    });
    await ended(user, "Succeeded");
  });
}

export async function templates_and_account_have_no_accessibility_breach(url) {
  const found = {};
  await inBrowser(url, async (page) => {
    await register(page);
    await page.getByRole("link", { name: "Templates", exact: true }).click();
    await page.getByRole("button", { name: "Preview PyTorch MLP" }).waitFor();
    await look(page, "templates", found);
    await page.getByRole("button", { name: "Preview PyTorch MLP" }).click();
    await look(page, "preview", found);
    await page.keyboard.press("Escape");
    await openAccount(page);
    await look(page, "account", found);
    await page.getByRole("button", { name: "New API key" }).click();
    await look(page, "new key", found);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "New secret" }).click();
    await look(page, "new secret", found);
    await page.goto(`${url}/nowhere`);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await look(page, "not found", found);
  });
  assert.deepEqual(found, {});
}

export async function the_operators_pages_have_no_accessibility_breach(url) {
  const found = {};
  await asOperator(url, async (page) => {
    for (const name of ["Overview", "Queue", "Users", "Hosts", "Images", "Audit", "Settings"]) {
      await openTab(page, name);
      await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
      await look(page, name, found);
    }
    await openTab(page, "Users");
    await page.getByRole("button", { name: `Edit ${OPERATOR.email}` }).click();
    await look(page, "edit a user", found);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: `Disable ${OPERATOR.email}` }).click();
    await look(page, "a question", found);
  });
  assert.deepEqual(found, {});
}
