import { combineReducers, configureStore, createAction, type UnknownAction } from "@reduxjs/toolkit";
import { setupListeners } from "@reduxjs/toolkit/query";
import { useDispatch, useSelector, useStore } from "react-redux";

import { baseApi, type ApiExtra } from "../api/base-api";
import { problemsReducer } from "../features/problems/problems-slice";
import { projectReducer } from "../features/projects/project-slice";
import { limitsReducer } from "../features/runs/limits-slice";
import { runOptionsReducer } from "../features/runs/run-options-slice";

/** What was of one account never meets another. */
export const signedOut = createAction("signedOut");

const reducers = combineReducers({
  [baseApi.reducerPath]: baseApi.reducer,
  limits: limitsReducer,
  problems: problemsReducer,
  project: projectReducer,
  runOptions: runOptionsReducer,
});

function reducer(state: ReturnType<typeof reducers> | undefined, action: UnknownAction) {
  // Requests that are under way have to be told: the API's part has a reset of its own.
  const kept: Partial<NonNullable<typeof state>> | undefined =
    signedOut.match(action) && state ? { [baseApi.reducerPath]: state[baseApi.reducerPath] } : state;
  return reducers(kept, action);
}

export function makeStore(extra: ApiExtra) {
  const store = configureStore({
    reducer,
    middleware: (defaults) => defaults({ thunk: { extraArgument: extra } }).concat(baseApi.middleware),
  });
  setupListeners(store.dispatch);
  return store;
}

export type AppStore = ReturnType<typeof makeStore>;
type AppState = ReturnType<AppStore["getState"]>;

export const useAppDispatch = useDispatch.withTypes<AppStore["dispatch"]>();
export const useAppSelector = useSelector.withTypes<AppState>();
export const useAppStore = useStore.withTypes<AppStore>();
