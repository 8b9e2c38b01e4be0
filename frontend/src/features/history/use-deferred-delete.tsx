import Button from "@mui/material/Button";
import { closeSnackbar, enqueueSnackbar } from "notistack";
import { useCallback, useEffect, useRef, useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { useDeleteRunMutation } from "../../api/results-api";
import { plural } from "../../lib/format";

const UNDO_MS = 8000;

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

  const bringBack = useCallback((runIds: string[]) => {
    setGone((before) => new Set([...before].filter((id) => !runIds.includes(id))));
  }, []);

  const carryOut = useCallback(
    async (timer: number) => {
      const runIds = waiting.current.get(timer) ?? [];
      waiting.current.delete(timer);
      clearTimeout(timer);
      for (const id of runIds) {
        const { error } = await deleteRun(id);
        if (!error) continue;
        bringBack([id]);
        enqueueSnackbar(queryErrorText(error), { variant: "error", persist: true });
      }
    },
    [deleteRun, bringBack],
  );

  useEffect(() => {
    const left = waiting.current;
    const finish = (): void => {
      for (const timer of [...left.keys()]) void carryOut(timer);
    };
    window.addEventListener("pagehide", finish);
    return () => {
      window.removeEventListener("pagehide", finish);
      finish();
    };
  }, [carryOut]);

  const remove = (runIds: string[]): void => {
    setGone((before) => new Set([...before, ...runIds]));
    const timer = window.setTimeout(() => void carryOut(timer), UNDO_MS);
    waiting.current.set(timer, runIds);
    enqueueSnackbar(`Deleted ${plural(runIds.length, "run")}`, {
      autoHideDuration: UNDO_MS,
      action: (key) => (
        <Button
          color="inherit"
          size="small"
          onClick={() => {
            clearTimeout(timer);
            if (waiting.current.delete(timer)) bringBack(runIds);
            closeSnackbar(key);
          }}
        >
          Undo
        </Button>
      ),
    });
  };
  return { gone, remove };
}
