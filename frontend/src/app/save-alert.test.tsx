import { screen } from "@testing-library/react";

import { makeProblem } from "../testing/factories";
import { json, serve } from "../testing/fake-server";
import { openWorkspace, PAGES } from "../testing/open-app";

test("edits that the server refuses are announced, with all of its reason", async () => {
  serve({ ...PAGES, "PATCH /projects/p1": () => json(makeProblem(413, "The project is too large."), 413) });
  const { user } = await openWorkspace();
  await user.type(screen.getByLabelText("Code editor"), "# too much{Control>}s{/Control}");
  expect(await screen.findByRole("alert")).toHaveTextContent("Not saved: The project is too large.");
});
