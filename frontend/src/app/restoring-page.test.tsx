import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { makePair, makeProblem } from "../testing/factories";
import { json, serve } from "../testing/fake-server";
import { makeServices, renderWith } from "../testing/render";
import { RestoringPage } from "./restoring-page";

test.each([429, 500])(
  "a server that answers %s instead of going on with a session says why, and is asked again",
  async (status) => {
    localStorage.setItem("byteme.refresh-token", "stored");
    let answer = (): Response => json(makeProblem(status, "Not just now."), status);
    serve({ "POST /auth/refresh": () => answer() });
    const services = makeServices();
    renderWith(services, <RestoringPage />);
    expect(await screen.findByText("Not just now.")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    // The words are new ones, not those of before.
    expect(await screen.findByText("Not just now.")).toBeVisible();
    answer = () => json(makePair());
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(services.session.state.get().status).toBe("signed-in");
  },
);

test("while the server is asked again, nothing says that it failed", async () => {
  localStorage.setItem("byteme.refresh-token", "stored");
  let answer: () => Response | Promise<Response> = () => json(makeProblem(500, "Broken."), 500);
  serve({ "POST /auth/refresh": () => answer() });
  renderWith(makeServices(), <RestoringPage />);
  await screen.findByText("Broken.");
  answer = () => new Promise<Response>(() => undefined);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(screen.queryByText("Broken.")).toBeNull();
});
