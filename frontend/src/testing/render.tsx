import { configureStore } from "@reduxjs/toolkit";
import { render, type RenderResult } from "@testing-library/react";
import type { ReactNode } from "react";
import { Provider } from "react-redux";

import { baseApi } from "../api/base-api";
import { Connection } from "../api/connection";
import { ServicesContext, type Services } from "../api/services";
import { Session } from "../api/session";
import { mountsReducer } from "../features/datasets/mounts-slice";
import { draftReducer } from "../features/editor/draft-slice";
import { limitsReducer } from "../features/runs/limits-slice";
import { makePair } from "./factories";
import { FakeSocket } from "./fake-socket";

/** Tokens as a former page would have left them. */
export function storeSession(pair = makePair()): void {
  localStorage.setItem("byteme.refresh-token", pair.refresh_token);
  const access = { token: pair.access_token, validUntil: Date.now() + 600_000, user: pair.user };
  sessionStorage.setItem("byteme.access", JSON.stringify(access));
}

export function makeServices(socket = new FakeSocket()): Services {
  const session = new Session();
  return { session, connection: new Connection(session, () => socket.asSocket()) };
}

export function renderWith(services: Services, ui: ReactNode): RenderResult {
  const store = configureStore({
    reducer: {
      [baseApi.reducerPath]: baseApi.reducer,
      draft: draftReducer,
      limits: limitsReducer,
      mounts: mountsReducer,
    },
    middleware: (defaults) =>
      defaults({ thunk: { extraArgument: { session: services.session } } }).concat(baseApi.middleware),
  });
  return render(
    <ServicesContext value={services}>
      <Provider store={store}>{ui}</Provider>
    </ServicesContext>,
  );
}
