import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Connection } from "./api/connection";
import { Session } from "./api/session";
import { App } from "./app/app";

const session = new Session();
const services = { session, connection: new Connection(session) };

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <App services={services} />
  </StrictMode>,
);
