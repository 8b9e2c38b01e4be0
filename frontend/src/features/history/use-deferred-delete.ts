import { enqueueSnackbar } from "notistack";
import { useCallback, useEffect, useRef, useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { useDeleteRunMutation } from "../../api/results-api";
import { closeUndoToasts, UNDO_MS, useUndoToast } from "../../components/use-undo-toast";
import { plural } from "../../lib/format";

const PLACE = "deleted runs";

interface DeferredDelete {
  /** Those that are shown no more. */
  gone: ReadonlySet<string>;
  remove: (runIds: string[]) => void;
}

/** Deletes runs unless that is undone within some seconds; who leaves the page has made up his mind. */
export function useDeferredDelete(): DeferredDelete {
  const [deleteRun] = useDeleteRunMutation();
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const waiting = useRef(new Map<number, string[]>());
  const offerUndo = useUndoToast(PLACE);

  const bringBack = useCallback((runIds: string[]) => {
    setGone((before) => new Set([...before].filter((id) => !runIds.includes(id))));
  }, []);

  const carryOut = useCallback(
    (timer: number) => {
      const runIds = waiting.current.get(timer) ?? [];
      waiting.current.delete(timer);
      clearTimeout(timer);
      // All at once: a page that is being left does not wait for answers.
      for (const id of runIds) {
        void deleteRun(id).then(({ error }) => {
          if (!error) return;
          bringBack([id]);
          enqueueSnackbar(queryErrorText(error), { variant: "error", persist: true });
        });
      }
    },
    [deleteRun, bringBack],
  );

  useEffect(() => {
    const left = waiting.current;
    const finish = (): void => {
      closeUndoToasts(PLACE);
      for (const timer of [...left.keys()]) carryOut(timer);
    };
    window.addEventListener("pagehide", finish);
    return () => {
      window.removeEventListener("pagehide", finish);
      finish();
    };
  }, [carryOut]);

  const remove = (runIds: string[]): void => {
    setGone((before) => new Set([...before, ...runIds]));
    const timer = window.setTimeout(() => carryOut(timer), UNDO_MS);
    waiting.current.set(timer, runIds);
    offerUndo(`Deleted ${plural(runIds.length, "run")}`, () => {
      clearTimeout(timer);
      if (waiting.current.delete(timer)) bringBack(runIds);
    });
  };
  return { gone, remove };
}
