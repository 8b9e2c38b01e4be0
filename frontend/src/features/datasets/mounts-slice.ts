import { createSlice, type PayloadAction } from "@reduxjs/toolkit";

import type { MountedDataset } from "../../api/datasets-api";

/** The datasets that the next runs of the workspace are given. */
const mountsSlice = createSlice({
  name: "mounts",
  initialState: (): MountedDataset[] => [],
  reducers: {
    mountsChosen: (_mounts, { payload }: PayloadAction<MountedDataset[]>) => payload,
  },
});

export const { mountsChosen } = mountsSlice.actions;
export const mountsReducer = mountsSlice.reducer;
