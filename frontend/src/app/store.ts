import { configureStore } from "@reduxjs/toolkit";
import { setupListeners } from "@reduxjs/toolkit/query";
import { useDispatch, useSelector } from "react-redux";

import { baseApi, type ApiExtra } from "../api/base-api";
import { mountsReducer } from "../features/datasets/mounts-slice";
import { draftReducer } from "../features/editor/draft-slice";
import { limitsReducer } from "../features/runs/limits-slice";

export function makeStore(extra: ApiExtra) {
  const store = configureStore({
    reducer: {
      [baseApi.reducerPath]: baseApi.reducer,
      draft: draftReducer,
      limits: limitsReducer,
      mounts: mountsReducer,
    },
    middleware: (defaults) => defaults({ thunk: { extraArgument: extra } }).concat(baseApi.middleware),
  });
  setupListeners(store.dispatch);
  return store;
}

export type AppStore = ReturnType<typeof makeStore>;
export type AppState = ReturnType<AppStore["getState"]>;

export const useAppDispatch = useDispatch.withTypes<AppStore["dispatch"]>();
export const useAppSelector = useSelector.withTypes<AppState>();
