import { createSlice, type PayloadAction } from "@reduxjs/toolkit";

/** What the user is editing. Paths are relative, with forward slashes. */
export interface Draft {
  files: Record<string, string>;
  entrypoint: string;
  active: string;
  /** The title of the template this began with. */
  title: string;
}

export const EMPTY_DRAFT: Draft = {
  files: { "main.py": 'print("Hello from ByteMe")\n' },
  entrypoint: "main.py",
  active: "main.py",
  title: "Untitled",
};

const draftSlice = createSlice({
  name: "draft",
  initialState: EMPTY_DRAFT,
  reducers: {
    draftOpened: (_draft, { payload }: PayloadAction<Draft>) => payload,
    fileSelected: (draft, { payload }: PayloadAction<string>) => {
      if (payload in draft.files) draft.active = payload;
    },
    fileEdited: (draft, { payload }: PayloadAction<{ path: string; text: string }>) => {
      if (payload.path in draft.files) draft.files[payload.path] = payload.text;
    },
    fileAdded: (draft, { payload }: PayloadAction<string>) => {
      draft.files[payload] = "";
      draft.active = payload;
    },
    fileRemoved: (draft, { payload }: PayloadAction<string>) => {
      if (Object.keys(draft.files).length === 1) return;
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record keyed by path
      delete draft.files[payload];
      const first = Object.keys(draft.files)[0] ?? "";
      if (draft.active === payload) draft.active = first;
      if (draft.entrypoint === payload) draft.entrypoint = first;
    },
    fileRenamed: (draft, { payload }: PayloadAction<{ from: string; to: string }>) => {
      const rename = (path: string): string => (path === payload.from ? payload.to : path);
      draft.files = Object.fromEntries(
        Object.entries(draft.files).map(([path, text]) => [rename(path), text]),
      );
      draft.active = rename(draft.active);
      draft.entrypoint = rename(draft.entrypoint);
    },
    entrypointChosen: (draft, { payload }: PayloadAction<string>) => {
      if (payload in draft.files) draft.entrypoint = payload;
    },
  },
});

export const {
  draftOpened,
  fileSelected,
  fileEdited,
  fileAdded,
  fileRemoved,
  fileRenamed,
  entrypointChosen,
} = draftSlice.actions;
export const draftReducer = draftSlice.reducer;

/** Why a path cannot be used for a new file; null when it can. */
export function pathProblem(path: string, taken: readonly string[]): string | null {
  if (!path) return "Enter a file name";
  if (path.length > 200) return "At most 200 characters";
  if (path.startsWith("/") || path.includes("\\")) return "Use a relative path with forward slashes";
  if (path.split("/").some((part) => part === "" || part === "." || part === "..")) return "Not a valid path";
  // eslint-disable-next-line no-control-regex -- exactly these are refused
  if (/[\u0000-\u001f\u007f]/.test(path)) return "Control characters are not allowed";
  if (taken.includes(path)) return "There is already a file of this name";
  return null;
}

/** A draft read from storage, which may hold anything; null when it is not one. */
export function parseDraft(value: unknown): Draft | null {
  if (typeof value !== "object" || value === null) return null;
  const { files, entrypoint, active, title } = value as Partial<Draft>;
  if (typeof files !== "object" || typeof entrypoint !== "string" || typeof active !== "string") return null;
  const isText = Object.values(files).every((text) => typeof text === "string");
  if (!isText || !(entrypoint in files) || !(active in files)) return null;
  return { files, entrypoint, active, title: typeof title === "string" ? title : "Untitled" };
}
