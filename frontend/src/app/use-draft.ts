import { useEffect, useState, useSyncExternalStore } from "react";
import { useStore } from "react-redux";

import { DraftSaver, type SaveState } from "../features/editor/draft-saver";
import { draftOpened, EMPTY_DRAFT } from "../features/editor/draft-slice";
import type { AppState } from "./store";

interface DraftStorage {
  saved: SaveState;
  /** Saves now instead of in a moment. */
  save: () => void;
}

/** Loads the user's draft into the store and keeps what is typed. */
export function useDraftStorage(userId: string): DraftStorage {
  const store = useStore<AppState>();
  const [saver] = useState(() => new DraftSaver(userId));

  useEffect(() => {
    store.dispatch(draftOpened(saver.load() ?? EMPTY_DRAFT));
    let before = store.getState().draft;
    const unsubscribe = store.subscribe(() => {
      const { draft } = store.getState();
      if (draft !== before) saver.save((before = draft));
    });
    const guard = (event: BeforeUnloadEvent): void => {
      if (saver.state.get() === "failed") event.preventDefault();
    };
    window.addEventListener("pagehide", saver.flush);
    window.addEventListener("beforeunload", guard);
    return () => {
      unsubscribe();
      window.removeEventListener("pagehide", saver.flush);
      window.removeEventListener("beforeunload", guard);
      saver.flush();
    };
  }, [saver, store]);

  return { saved: useSyncExternalStore(saver.state.subscribe, saver.state.get), save: saver.flush };
}
